// SC108 reads every string of a pod, in whatever field: a key is put in the place of each in turn, and of
// each key of a map. The pod has the fields of core/v1 in which the API server takes free text
// (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/).
#include <gmock/gmock.h>

#include "rules/catalogue/rule.hpp"
#include "tests/unit/rules/literals/sample.hpp"
#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

constexpr const char* kPod = R"json({"apiVersion": "v1", "kind": "Pod",
  "metadata": {"name": "p", "labels": {"a": "b"}, "annotations": {"a": "b"}, "finalizers": ["example.com/f"],
    "ownerReferences": [{"apiVersion": "v1", "kind": "Job", "name": "j", "uid": "u"}],
    "managedFields": [{"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:spec": {}}}]},
  "spec": {
    "hostname": "h", "subdomain": "s", "schedulerName": "s", "priorityClassName": "p", "runtimeClassName": "r",
    "nodeName": "n", "nodeSelector": {"a": "b"}, "imagePullSecrets": [{"name": "r"}],
    "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["db"]}],
    "dnsConfig": {"nameservers": ["10.0.0.1"], "searches": ["x"], "options": [{"name": "ndots", "value": "2"}]},
    "securityContext": {"sysctls": [{"name": "a", "value": "b"}], "seLinuxOptions": {"user": "u", "level": "l"},
      "seccompProfile": {"type": "Localhost", "localhostProfile": "x"}, "windowsOptions": {"gmsaCredentialSpec": "{}"}},
    "tolerations": [{"key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule"}],
    "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]}]}},
      "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": {
        "labelSelector": {"matchLabels": {"a": "b"}}, "namespaces": ["n"], "topologyKey": "k"}}]}},
    "topologySpreadConstraints": [{"topologyKey": "k", "labelSelector": {"matchLabels": {"a": "b"}}}],
    "readinessGates": [{"conditionType": "example.com/r"}], "overhead": {"cpu": "1"},
    "resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "t"}],
    "volumes": [
      {"name": "a", "csi": {"driver": "d", "fsType": "ext4", "volumeAttributes": {"a": "b"}}},
      {"name": "b", "flexVolume": {"driver": "d", "options": {"a": "b"}}},
      {"name": "c", "gitRepo": {"repository": "r", "revision": "v", "directory": "."}},
      {"name": "d", "azureDisk": {"diskName": "n", "diskURI": "u"}}, {"name": "e", "nfs": {"server": "s", "path": "/"}},
      {"name": "f", "rbd": {"monitors": ["m"], "image": "i", "user": "u", "keyring": "/k", "pool": "p"}},
      {"name": "g", "cephfs": {"monitors": ["m"], "user": "u", "secretFile": "/s", "path": "/"}},
      {"name": "h", "iscsi": {"targetPortal": "t", "iqn": "i", "portals": ["p"], "initiatorName": "n"}},
      {"name": "i", "quobyte": {"registry": "r", "volume": "v", "user": "u", "group": "g", "tenant": "t"}},
      {"name": "j", "scaleIO": {"gateway": "g", "system": "s", "protectionDomain": "d", "storagePool": "p"}},
      {"name": "k", "ephemeral": {"volumeClaimTemplate": {"metadata": {"annotations": {"a": "b"}, "labels": {"a": "b"}},
        "spec": {"storageClassName": "s", "volumeName": "v", "dataSourceRef": {"kind": "K", "name": "n"}}}}},
      {"name": "l", "projected": {"sources": [{"configMap": {"name": "n", "items": [{"key": "k", "path": "p"}]}},
        {"downwardAPI": {"items": [{"path": "p", "fieldRef": {"fieldPath": "metadata.annotations['a']"}}]}},
        {"clusterTrustBundle": {"signerName": "s", "path": "p", "labelSelector": {"matchLabels": {"a": "b"}}}},
        {"podCertificate": {"signerName": "s", "keyType": "ED25519", "userAnnotations": {"a": "b"}}}]}},
      {"name": "m", "image": {"reference": "r"}}, {"name": "n", "unknown": {"of": {"a": ["later"]}}}],
    "containers": [{"name": "c", "image": "i", "command": ["a"], "args": ["b"], "workingDir": "/",
      "ports": [{"name": "p", "containerPort": 1, "hostIP": "h"}], "resources": {"limits": {"example.com/x": "1"}},
      "env": [{"name": "A", "value": "b"},
        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "n", "key": "k"}}},
        {"name": "C", "valueFrom": {"fileKeyRef": {"volumeName": "v", "path": "p", "key": "k"}}}],
      "envFrom": [{"prefix": "P_", "configMapRef": {"name": "n"}}],
      "volumeMounts": [{"name": "a", "mountPath": "/m", "subPath": "s"}, {"name": "b", "mountPath": "/b", "subPathExpr": "$(A)"
}],
      "volumeDevices": [{"name": "d", "devicePath": "/dev/x"}],
      "livenessProbe": {"exec": {"command": ["x"]}}, "readinessProbe": {"grpc": {"port": 1, "service": "s"}},
      "startupProbe": {"httpGet": {"host": "h", "path": "/", "httpHeaders": [{"name": "X", "value": "y"}]}},
      "lifecycle": {"preStop": {"exec": {"command": ["x"]}}, "postStart": {"tcpSocket": {"host": "h"}}},
      "terminationMessagePath": "/t", "securityContext": {"appArmorProfile": {"localhostProfile": "x"}}}]}})json";

const std::string kKey = expand("AKIA<b32*16>");

// Returns the findings of SC108.
std::vector<Finding> found(const json& pod) {
  const ClusterFixture world;
  Verdict verdict =
      evaluate(readObject(pod.dump()).value(), {"agents", "", world, kSettings}, CheckStage::InFile);
  std::erase_if(verdict.findings, [](const Finding& finding) { return finding.rule != "SC108"; });
  return std::move(verdict.findings);
}

void expectToldOnce(const json& pod, const std::string& place) {
  const std::vector<Finding> findings = found(pod);
  EXPECT_EQ(findings.size(), 1u) << place;
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.message().find(kKey), std::string::npos) << finding.message();
    EXPECT_TRUE(pod.contains(json::json_pointer(finding.path))) << place << " " << finding.path;
    EXPECT_EQ(finding.path.find(kKey), std::string::npos) << finding.path;
  }
}

TEST(EveryString, OfAPodIsRead) {
  const json pod = json::parse(kPod);
  EXPECT_TRUE(found(pod).empty());
  const json places = pod.flatten();
  EXPECT_GT(places.size(), 150u);
  for (const auto& [place, value] : places.items()) {
    if (!value.is_string() || place == "/apiVersion" || place == "/kind") continue;
    json other = pod;
    other[json::json_pointer(place)] = "x/" + kKey;
    expectToldOnce(other, place);
  }
}

TEST(EveryString, AndEveryKeyOfItsMaps) {
  const json pod = json::parse(kPod);
  const json places = pod.flatten();
  size_t maps = 0;
  for (const auto& [place, value] : places.items()) {
    const json::json_pointer pointer(place);
    if (pointer.back() != "a" || !value.is_string()) continue;
    ++maps;
    json other = pod;
    other[pointer.parent_pointer()] = json::object({{kKey, "b"}});
    expectToldOnce(other, place);
  }
  EXPECT_GT(maps, 8u);
}

}  // namespace
}  // namespace errand::webhook
