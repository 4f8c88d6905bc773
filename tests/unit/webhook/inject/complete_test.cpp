#include "rules/inject/complete.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "tests/unit/webhook/clusterfixture.hpp"

namespace errand::webhook {
namespace {

using ::testing::HasSubstr;

ClusterFixture world(const json& grantObject = grant(), const json& identityObject = identity()) {
  ClusterFixture out;
  out.add(identityObject);
  out.add(grantObject);
  return out;
}

Reply mutate(const json& pod, const ClusterFixture& w, std::string_view user = kJobController) {
  return ask(Path::Mutate, admission(pod, user), w);
}
Reply validate(const json& pod, const ClusterFixture& w, std::string_view user = kJobController) {
  return ask(Path::Validate, admission(pod, user), w);
}

json completed(const json& pod = jobPod()) { return pod.patch(mutate(pod, world()).patch()); }

TEST(Complete, MakesThePodThatTheApiPageDescribes) {
  const json pod = completed();
  const json expected = json::parse(R"({
    "serviceAccountName": "errand-g.3f2b8c1e9a4d4c7e8b21", "serviceAccount": "errand-g.3f2b8c1e9a4d4c7e8b21",
    "automountServiceAccountToken": false, "activeDeadlineSeconds": 900, "schedulingGates": [{"name": "errand.dev/grant"}],
    "volumes": [{"name": "errand-credentials", "projected": {"defaultMode": 420, "sources": [
      {"serviceAccountToken": {"expirationSeconds": 600, "path": "token"}},
      {"serviceAccountToken": {"audience": "https://mcp.example.com", "expirationSeconds": 600, "path": "mcp"}},
      {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
      {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}}],
    "containers": [{"name": "app", "image": "app:1", "volumeMounts": [
      {"name": "errand-credentials", "mountPath": "/var/run/secrets/errand.dev", "readOnly": true},
      {"name": "errand-credentials", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true}]}]})");
  EXPECT_EQ(pod["spec"], expected) << pod["spec"].dump(1);
  EXPECT_EQ(pod["metadata"], jobPod()["metadata"]);
}

TEST(Complete, ChangesNothingOfItsOwnResult) {
  const Reply again = mutate(completed(), world());
  EXPECT_TRUE(again.allowed());
  EXPECT_EQ(again.patch(), json::array());
  EXPECT_TRUE(validate(completed(), world()).allowed()) << validate(completed(), world()).message();
}

TEST(Complete, CoversInitContainersAndKeepsThePodsOwnVolumes) {
  json pod = jobPod();
  pod["spec"]["initContainers"] = json::parse(
      R"([{"name": "setup"}, {"name": "proxy", "restartPolicy": "Always", "volumeMounts": [{"name": "work", "mountPath": "/w"}]}])");
  pod["spec"]["volumes"].insert(pod["spec"]["volumes"].begin(),
                                json::parse(R"({"name": "work", "emptyDir": {}})"));
  pod["spec"]["volumes"].push_back(json::parse(R"({"name": "tmp", "emptyDir": {}})"));
  const json spec = completed(pod)["spec"];
  EXPECT_EQ(spec["volumes"].size(), 3u);
  EXPECT_EQ(spec["volumes"][0]["name"], "work");
  EXPECT_EQ(spec["initContainers"][0]["volumeMounts"].size(), 2u);
  EXPECT_EQ(spec["initContainers"][1]["volumeMounts"][0]["name"], "work");
  EXPECT_EQ(spec["initContainers"][1]["volumeMounts"].size(), 3u);
  EXPECT_EQ(spec["containers"][0]["volumeMounts"].size(), 2u);
}

TEST(Complete, GivesNoApiTokenWhereNoRoleIsGranted) {
  json g = grant();
  g["spec"]["access"].erase("roles");
  const json pod = jobPod();
  const json spec = pod.patch(mutate(pod, world(g)).patch())["spec"];
  EXPECT_EQ(spec["volumes"][0]["projected"]["sources"].size(), 3u);
  EXPECT_EQ(spec["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]["path"], "mcp");
  EXPECT_EQ(spec["containers"][0]["volumeMounts"].size(), 1u);
}

TEST(Complete, MountsACopyOfEachLeasedSecretInAFolderOfItsName) {
  json g = grant();
  g["spec"]["access"]["secrets"] = json::parse(R"([{"name": "ticketing"}, {"name": "pager.key"}])");
  const ClusterFixture w = world(g);
  json pod = jobPod();
  pod = pod.patch(mutate(pod, w).patch());
  const json& spec = pod["spec"];
  ASSERT_EQ(spec["volumes"].size(), 3u);
  const std::string copy = api::leaseCopyName(kGrantUid, "ticketing");
  EXPECT_TRUE(copy.starts_with(api::grantAccountName(kGrantUid) + "."));
  EXPECT_EQ(spec["volumes"][1],
            (json{{"name", "errand-lease-0"},
                  {"projected",
                   {{"defaultMode", 420},
                    {"sources", json::array({{{"secret", {{"name", copy}, {"optional", true}}}}})}}}}));
  const json& mounts = spec["containers"][0]["volumeMounts"];
  ASSERT_EQ(mounts.size(), 4u);
  EXPECT_EQ(mounts[2]["mountPath"], "/var/run/secrets/errand.dev/ticketing");
  EXPECT_EQ(mounts[3]["mountPath"], "/var/run/secrets/errand.dev/pager.key");
  EXPECT_EQ(mounts[3]["readOnly"], true);
  EXPECT_EQ(mutate(pod, w).patch(), json::array());
  EXPECT_TRUE(validate(pod, w).allowed()) << validate(pod, w).message();
}

// The copies belong to the grant whose account the pod runs as; those of another are not its own.
TEST(Complete, LeavesTheCopiesOfAnotherGrantAlone) {
  json pod = completed();
  pod["spec"]["volumes"].push_back(json::parse(
      R"({"name": "x", "secret": {"secretName": "errand-g.00000000000000000000.0123456789", "optional": true}})"));
  EXPECT_FALSE(validate(pod, world()).allowed());
}

// So long may a process with the credentials go on after the end.
TEST(Complete, BoundsTheGrace) {
  json pod = jobPod();
  EXPECT_FALSE(completed(pod)["spec"].contains("terminationGracePeriodSeconds")) << "the API server's 30";
  pod["spec"]["terminationGracePeriodSeconds"] = 10;
  EXPECT_EQ(completed(pod)["spec"]["terminationGracePeriodSeconds"], 10);
  pod["spec"]["terminationGracePeriodSeconds"] = 3600;
  EXPECT_EQ(completed(pod)["spec"]["terminationGracePeriodSeconds"], 30);
}

// The kubelet waits by it where such a probe fails, and looks at no deadline meanwhile.
TEST(Complete, BoundsTheGraceOfProbes) {
  json pod = jobPod();
  const json long_ = {{"exec", {{"command", {"false"}}}}, {"terminationGracePeriodSeconds", 86400}};
  const json short_ = {{"exec", {{"command", {"false"}}}}, {"terminationGracePeriodSeconds", 5}};
  pod["spec"]["containers"][0]["livenessProbe"] = long_;
  pod["spec"]["containers"][0]["startupProbe"] = short_;
  pod["spec"]["initContainers"] = json::array(
      {{{"name", "sidecar"}, {"image", "x"}, {"restartPolicy", "Always"}, {"startupProbe", long_}}});
  const json spec = completed(pod)["spec"];
  EXPECT_EQ(spec["containers"][0]["livenessProbe"]["terminationGracePeriodSeconds"], 30);
  EXPECT_EQ(spec["containers"][0]["startupProbe"]["terminationGracePeriodSeconds"], 5);
  EXPECT_EQ(spec["initContainers"][0]["startupProbe"]["terminationGracePeriodSeconds"], 30);
}

TEST(Complete, NeverLengthensADeadline) {
  json pod = jobPod();
  pod["spec"]["activeDeadlineSeconds"] = 60;
  EXPECT_EQ(completed(pod)["spec"]["activeDeadlineSeconds"], 60);
  pod["spec"]["activeDeadlineSeconds"] = 3600;
  EXPECT_EQ(completed(pod)["spec"]["activeDeadlineSeconds"], 900);
}

TEST(Complete, ReplacesAutomountTrueAndTheBaseAccount) {
  json pod = jobPod();
  pod["spec"]["automountServiceAccountToken"] = true;
  pod["spec"]["serviceAccountName"] = pod["spec"]["serviceAccount"] = "errand-a.triage-bot.planner";
  const json spec = completed(pod)["spec"];
  EXPECT_EQ(spec["automountServiceAccountToken"], false);
  EXPECT_EQ(spec["serviceAccountName"], "errand-g.3f2b8c1e9a4d4c7e8b21");
}

struct Refusal {
  std::string_view name, message;
  std::function<void(json& pod, json& grant, json& identity)> change;
  std::string_view user = kJobController;
};

class Refused : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refused, ByBothHalvesWithTheReason) {
  json pod = jobPod(), g = grant(), id = identity();
  GetParam().change(pod, g, id);
  const ClusterFixture w = world(g, id);
  const Reply reply = mutate(pod, w, GetParam().user);
  EXPECT_FALSE(reply.allowed());
  EXPECT_EQ(reply.response["status"]["code"], 403);
  EXPECT_THAT(reply.message(), HasSubstr(GetParam().message));
  EXPECT_FALSE(validate(pod, w, GetParam().user).allowed());
}

INSTANTIATE_TEST_SUITE_P(Complete, Refused,
                         ::testing::Values(Refusal{"Expired", "is Expired",
                                                   [](json&, json& g, json&) {
                                                     g["status"]["phase"] = "Expired";
                                                   }},
                                           Refusal{"Denied", "is Denied",
                                                   [](json&, json& g, json&) {
                                                     g["status"]["phase"] = "Denied";
                                                   }},
                                           Refusal{"Revoked", "is revoked",
                                                   [](json&, json& g, json&) {
                                                     g["spec"]["revoke"] = {{"reason", "wrong"}};
                                                   }},
                                           Refusal{"Deleted", "is being deleted",
                                                   [](json&, json& g, json&) {
                                                     g["metadata"]["deletionTimestamp"] =
                                                         "2026-11-24T10:00:00Z";
                                                   }},
                                           Refusal{"Slot", "delivers into a slot",
                                                   [](json&, json& g, json&) {
                                                     g["spec"]["delivery"] = {{"mode", "Slot"}};
                                                   }},
                                           Refusal{"LeaseVolumeTaken", "keeps the volume name errand-lease-0",
                                                   [](json& p, json&, json&) {
                                                     p["spec"]["volumes"].push_back(
                                                         {{"name", "errand-lease-0"},
                                                          {"emptyDir", json::object()}});
                                                   }},
                                           Refusal{"AnotherJob", "is for Job \"look\"",
                                                   [](json& p, json&, json&) {
                                                     p["metadata"]["ownerReferences"][0]["name"] = "other";
                                                   }},
                                           Refusal{"NoOwner", "is for Job \"look\"",
                                                   [](json& p, json&, json&) {
                                                     p["metadata"].erase("ownerReferences");
                                                   }},
                                           Refusal{"OwnerThatIsNoController", "is for Job \"look\"",
                                                   [](json& p, json&, json&) {
                                                     p["metadata"]["ownerReferences"][0]["controller"] =
                                                         false;
                                                   }},
                                           Refusal{"OwnerOfAnotherGroup", "is for Job \"look\"",
                                                   [](json& p, json&, json&) {
                                                     p["metadata"]["ownerReferences"][0]["apiVersion"] =
                                                         "batch.example.com/v1";
                                                   }},
                                           Refusal{"ForgedOwner", "by the Job controller alone",
                                                   [](json&, json&, json&) {}, "alice"},
                                           Refusal{"JobControllerOfAnotherNamespace",
                                                   "by the Job controller alone", [](json&, json&, json&) {},
                                                   "system:serviceaccount:agents:job-controller"},
                                           Refusal{"ReplacedJob", "an earlier Job",
                                                   [](json&, json& g, json&) {
                                                     g["status"]["workload"] = {{"uid", "another-uid"}};
                                                   }},
                                           Refusal{"Selector", "spec.podSelector",
                                                   [](json& p, json&, json&) {
                                                     p["metadata"]["labels"]["app"] = "web";
                                                   }},
                                           Refusal{"ToolClass", "does not have",
                                                   [](json&, json& g,
                                                      json&) { g["spec"]["toolClass"] = "actor"; }},
                                           Refusal{
                                               "Audience", "spec.access.audiences",
                                               [](json&, json&, json& id) {
                                                 id["spec"]["toolClasses"][0]["access"]["audiences"] =
                                                     json::array();
                                               }},
                                           Refusal{"ForeignAccount", "spec.serviceAccountName",
                                                   [](json& p, json&, json&) {
                                                     p["spec"]["serviceAccountName"] = "deployer";
                                                   }},
                                           Refusal{"NodeName", "spec.nodeName",
                                                   [](json& p, json&,
                                                      json&) { p["spec"]["nodeName"] = "n1"; }},
                                           Refusal{
                                               "NoAccountYet", "try again in a moment",
                                               [](json&, json& g, json&) {
                                                 g["status"].erase("serviceAccount");
                                               }},
                                           Refusal{
                                               "TakenVolumeName", "keeps the volume name",
                                               [](json& p, json&, json&) {
                                                 p["spec"]["volumes"].push_back(
                                                     {{"name", "errand-credentials"},
                                                      {"emptyDir", json::object()}});
                                               }},
                                           Refusal{"TakenPath", "use another mountPath",
                                                   [](json& p, json&, json&) {
                                                     p["spec"]["volumes"].push_back(
                                                         {{"name", "w"}, {"emptyDir", json::object()}});
                                                     p["spec"]["containers"][0]["volumeMounts"].push_back(
                                                         {{"name", "w"},
                                                          {"mountPath", "/var/run/secrets/errand.dev/"}});
                                                   }},
                                           Refusal{
                                               "TokenVolumeOfItsOwn",
                                               "take the serviceAccountToken out of volume \"mine\"",
                                               [](json& p, json&, json&) {
                                                 p["spec"]["volumes"].push_back(json::parse(
                                                     R"({"name": "mine", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 86400}}]}})"));
                                               }},
                                           Refusal{
                                               "CertificateOfItsOwn",
                                               "take the podCertificate out of volume \"mine\"",
                                               [](json& p, json&, json&) {
                                                 p["spec"]["volumes"].push_back(json::parse(
                                                     R"({"name": "mine", "projected": {"sources": [{"podCertificate": {"signerName": "example.com/s", "keyType": "ED25519", "credentialBundlePath": "b"}}]}})"));
                                               }},
                                           Refusal{"MountOfItsOwn", "leave the mount out",
                                                   [](json& p, json&, json&) {
                                                     p["spec"]["containers"][0]["volumeMounts"].push_back(
                                                         {{"name", "errand-credentials"},
                                                          {"mountPath", "/t"},
                                                          {"subPath", "token"}});
                                                   }}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Complete, SaysThatLookingAgainMayHelp) {
  json g = grant();
  g["status"].erase("serviceAccount");
  for (const Path path : {Path::Mutate, Path::Validate}) {
    for (const ClusterFixture& w : {ClusterFixture(), world(g)}) {
      const Reply reply = ask(path, admission(jobPod(), kJobController), w);
      ASSERT_TRUE(reply.outcome.needs);
      EXPECT_EQ(reply.outcome.needs->ns, "agents");
      EXPECT_EQ(reply.outcome.needs->name, "inc-1");
      EXPECT_FALSE(reply.allowed());
    }
  }
  g["status"]["phase"] = "Expired";
  EXPECT_FALSE(mutate(jobPod(), world(g)).outcome.needs);
  EXPECT_FALSE(mutate(jobPod(), world()).outcome.needs);
}

TEST(Complete, AsksForNothingThatCannotBeAName) {
  for (const std::string_view name : {"", "../secrets/x", "A", "a.b", "a/b", "a?b"}) {
    json pod = jobPod();
    pod["metadata"]["labels"]["errand.dev/task-grant"] = name;
    for (const Path path : {Path::Mutate, Path::Validate}) {
      const Reply reply = ask(path, admission(pod, kJobController), world());
      EXPECT_FALSE(reply.allowed()) << name;
      EXPECT_FALSE(reply.outcome.needs) << name;
    }
  }
}

TEST(Complete, ServesAPodWorkloadOnce) {
  json g = grant(), pod = jobPod();
  g["spec"]["workload"] = {{"kind", "Pod"}, {"name", "look-x1"}};
  pod["metadata"].erase("ownerReferences");
  pod["metadata"]["uid"] = "pod-uid";
  EXPECT_TRUE(mutate(pod, world(g), "alice").allowed()) << mutate(pod, world(g), "alice").message();
  g["status"]["workload"] = {{"uid", "pod-uid"}};
  EXPECT_TRUE(mutate(pod, world(g), "alice").allowed());
  pod["metadata"]["uid"] = "second-uid";
  EXPECT_THAT(mutate(pod, world(g), "alice").message(), HasSubstr("an earlier Pod"));
}

// The validating webhook notices every change to a completed pod.
TEST(Complete, CannotBeForged) {
  const std::pair<std::string_view, std::function<void(json&)>> forgeries[] = {
      {"longer token",
       [](json& s) {
         s["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"] = 7200;
       }},
      {"other audience",
       [](json& s) {
         s["volumes"][0]["projected"]["sources"][1]["serviceAccountToken"]["audience"] = "https://x";
       }},
      {"further source",
       [](json& s) { s["volumes"][0]["projected"]["sources"].push_back({{"secret", {{"name", "db"}}}}); }},
      {"no gate", [](json& s) { s.erase("schedulingGates"); }},
      {"other gate", [](json& s) { s["schedulingGates"] = json::array({{{"name", "example.com/gate"}}}); }},
      {"longer grace", [](json& s) { s["terminationGracePeriodSeconds"] = 31; }},
      {"longer grace of a probe",
       [](json& s) { s["containers"][0]["livenessProbe"]["terminationGracePeriodSeconds"] = 31; }},
      {"no deadline", [](json& s) { s.erase("activeDeadlineSeconds"); }},
      {"later deadline", [](json& s) { s["activeDeadlineSeconds"] = 901; }},
      {"automount", [](json& s) { s["automountServiceAccountToken"] = true; }},
      {"default account", [](json& s) { s["serviceAccountName"] = s["serviceAccount"] = "default"; }},
      {"another grant's account",
       [](json& s) { s["serviceAccountName"] = s["serviceAccount"] = "errand-g.00000000000000000000"; }},
      {"writable mount", [](json& s) { s["containers"][0]["volumeMounts"][0]["readOnly"] = false; }},
      {"mount by subPath", [](json& s) { s["containers"][0]["volumeMounts"][0]["subPath"] = "token"; }},
      {"container without mounts", [](json& s) { s["containers"].push_back({{"name", "late"}}); }},
      {"API volume", [](json& s) {
         s["volumes"].push_back(json::parse(
             R"({"name":"kube-api-access-1","projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}})"));
       }}};
  for (const auto& [name, forge] : forgeries) {
    json pod = completed();
    forge(pod["spec"]);
    const Reply reply = validate(pod, world());
    EXPECT_FALSE(reply.allowed()) << name;
    EXPECT_THAT(reply.outcome.ruleIds, ::testing::Contains("SC104")) << name;
  }
  json unlabelled = completed();
  unlabelled["metadata"]["labels"].erase("errand.dev/task-grant");
  EXPECT_THAT(validate(unlabelled, world()).message(),
              HasSubstr("the account of TaskGrant \"inc-1\", without the label"));
  EXPECT_FALSE(validate(completed(), world(), "alice").allowed());
}

}  // namespace
}  // namespace errand::webhook
