"""Seeded random objects, near the borders of the rules that exist both in C++ and as policies."""
import base64
import functools
import json
import random
import subprocess
from collections.abc import Callable

import agents

TOKENS = ["deployer-token-x7k2p", "deployer-token-abcde", "-token-x7k2p", "token-x7k2p", "tls"]
PATHS = ["/", "/var", "/var/lib", "/var/lib/kubelet", "/var/lib/kubelets", "//var//lib/./kubelet/", "/var/log", "/etc/machine-id",
         "/etc", "/run/containerd/containerd.sock", "/proc/1", "/srv", "/home", "/root/.kube", "/tmp", "/tmp/spire-agent/x", "."]
AUDIENCES = [None, "", "vault", "https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local", "https://x.example"]
LIVES = [None, 600, 3600, 3601, 3607, 86400]


def container(chance: random.Random, name: str) -> dict:
    out = {"name": name, "image": "localhost/app:1"}
    env = []
    for i in range(chance.randrange(3)):
        pick = chance.randrange(5)
        if pick == 0:
            env.append({"name": f"E{i}", "valueFrom": {"secretKeyRef": {"name": chance.choice(TOKENS[:2] + TOKENS[4:]), "key": "k"}}})
        elif pick == 1:
            env.append({"name": f"E{i}", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}})
        else:
            env.append({"name": f"E{i}", "value": "v"})
    if env:
        out["env"] = env
    if chance.random() < 0.1:
        out["envFrom"] = [chance.choice([{"secretRef": {"name": chance.choice(["tls", "deployer-token-x7k2p"])}},
                                         {"configMapRef": {"name": "c"}}])]
    return out


def volume(chance: random.Random, name: str) -> dict:
    pick = chance.randrange(6)
    if pick == 0:
        return {"name": name, "hostPath": {"path": chance.choice(PATHS)}}
    if pick == 1:
        return {"name": name, "secret": {"secretName": chance.choice(TOKENS[:2] + TOKENS[3:])}}
    if pick == 2:
        token = {"path": "t"}
        if (audience := chance.choice(AUDIENCES)) is not None:
            token["audience"] = audience
        if (life := chance.choice(LIVES)) is not None:
            token["expirationSeconds"] = life
        return {"name": name, "projected": {"sources": [{"configMap": {"name": "c"}}, {"serviceAccountToken": token}]}}
    if pick == 3:
        return {"name": name, "projected": {"sources": [{"secret": {"name": chance.choice(TOKENS[:2] + TOKENS[3:])}}]}}
    if pick == 4:
        return {"name": name, "csi": {"driver": "nas.example.com", "nodePublishSecretRef": {"name": chance.choice(TOKENS[3:])}}}
    return {"name": name, "emptyDir": {}}


def pod(chance: random.Random, _namespace: str) -> dict:
    """A pod that the API server itself would take; automount is said, so that no mutation is needed."""
    spec = {"automountServiceAccountToken": chance.random() < 0.1,
            "containers": [container(chance, f"c{i}") for i in range(chance.randrange(1, 3))]}
    if chance.random() < 0.3:
        spec["initContainers"] = [container(chance, "i0")]
    if volumes := [volume(chance, f"v{i}") for i in range(chance.choice([0, 0, 1, 1, 2]))]:
        spec["volumes"] = volumes
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if chance.random() < 0.06:
            spec[field] = chance.random() < 0.7
    if chance.random() < 0.1 and not spec.get("hostPID"):
        spec["shareProcessNamespace"] = True
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": spec}


def subject(chance: random.Random, namespace: str, cluster: bool) -> dict:
    place = chance.choice([namespace, namespace, "elsewhere"])
    account = chance.choice(["errand-a.bot.planner", "errand-g.0123456789abcdef0123", "errand-ax", "errand-b.x", "web", "x-errand-a.b"])
    pick = chance.randrange(3)
    if pick == 0:
        return {"kind": "ServiceAccount", "name": account, "namespace": place}
    rbac = {"apiGroup": "rbac.authorization.k8s.io"}
    if pick == 1:
        name = chance.choice([f"system:serviceaccount:{place}:{account}", "alice", "errand-g.1", f"x:system:serviceaccount:{place}:{account}"])
        return {**rbac, "kind": "User", "name": name}
    groups = ["system:authenticated", "system:serviceaccounts", "devs", "system:masters", "system:nodes"]
    # That of a namespace which takes no part is none of an agent's where the whole cluster is meant, and a file does not tell.
    return {**rbac, "kind": "Group", "name": chance.choice([*groups, f"system:serviceaccounts:{namespace if cluster else place}"])}


def binding(chance: random.Random, namespace: str, kind: str) -> dict:
    role = chance.choice(["view", "reader"] * 3 + ["system:discovery", "system:basic-user", "system:public-info-viewer"])
    role_kind = "ClusterRole" if kind == "ClusterRoleBinding" else chance.choice(["Role", "ClusterRole"])
    out = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {},
           "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role}}
    if subjects := [subject(chance, namespace, kind == "ClusterRoleBinding") for _ in range(chance.choice([0, 1, 1, 2, 3]))]:
        out["subjects"] = subjects
    return out


def secret(chance: random.Random, _namespace: str) -> dict:
    out = {"apiVersion": "v1", "kind": "Secret", "metadata": {}}
    pick = chance.randrange(4)
    if pick == 0:
        out["type"] = "kubernetes.io/service-account-token"
        out["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    elif pick == 1:
        out["type"] = chance.choice(["Opaque", "example.com/service-account-token", "kubernetes.io/service-account-tokens"])
    if chance.random() < 0.5:
        out["stringData"] = {"note": chance.choice(["hello", "eyJ.eyJ", "kubernetes.io/service-account-token", token(chance)])}
    return out


def token(chance: random.Random) -> str:
    claims = {"sub": chance.choice(["system:serviceaccount:agents:deployer", "alice"]), "iat": 1700000000}
    if (life := chance.choice([None, 600, 3600, 3601])) is not None:
        claims["exp"] = claims["iat"] + life
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "RS256"}, claims)) + ".c2ln"


def account(chance: random.Random, _namespace: str) -> dict:
    out = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {}}
    if chance.random() < 0.5:
        out["automountServiceAccountToken"] = chance.random() < 0.5
    if chance.random() < 0.4:
        out["secrets"] = [{"name": n} for n in chance.sample(TOKENS, chance.randrange(3))]
    if chance.random() < 0.3:
        out["imagePullSecrets"] = [{"name": "registry"}]
    return out


def persistent_volume(chance: random.Random, _namespace: str) -> dict:
    spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}
    pick = chance.randrange(3)
    if pick == 0:
        spec["hostPath"] = {"path": chance.choice(PATHS)}
    elif pick == 1:
        spec["local"] = {"path": chance.choice(PATHS)}
        term = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
    else:
        spec["nfs"] = {"server": "nas.example.com", "path": chance.choice(PATHS[:4])}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {}, "spec": spec}


def cluster_role_binding(chance: random.Random, namespace: str) -> dict:
    return binding(chance, namespace, "ClusterRoleBinding")


def role_binding(chance: random.Random, namespace: str) -> dict:
    return binding(chance, namespace, "RoleBinding")


WORKLOADS = ("CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet")


def workload(kind: str):
    def make(chance: random.Random, namespace: str) -> dict:
        template = {"metadata": {"labels": {"app": "x"}}, "spec": pod(chance, namespace)["spec"]}
        if kind in ("Job", "CronJob"):
            template["spec"]["restartPolicy"] = "Never"
            spec = {"template": template}
            if kind == "CronJob":
                spec = {"schedule": "0 0 * * *", "jobTemplate": {"spec": spec}}
            return {"apiVersion": "batch/v1", "kind": kind, "metadata": {}, "spec": spec}
        spec = {"selector": {"matchLabels": {"app": "x"}}, "template": template}
        if kind == "StatefulSet":
            spec["serviceName"] = "x"
        return {"apiVersion": "apps/v1", "kind": kind, "metadata": {}, "spec": spec}

    return make


def config_map(chance: random.Random, _namespace: str) -> dict:
    values = ["debug", "postgres://app:$(PW)@db/app", "postgres://app:hunter2hunter2@db/app", "AKIAIOSFODNN7EXAMPLE", "user:pass",
              "AKIA" + "".join(chance.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=chance.choice([12, 16, 16, 20])))]
    out = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {f"k{i}": chance.choice(values) for i in range(chance.randrange(4))}}
    if chance.random() < 0.3:
        out["binaryData"] = {"b": base64.b64encode(chance.choice(values).encode()).decode()}
    return out


def role(chance: random.Random, _namespace: str) -> dict:
    groups = ["", "*", "apps", "rbac.authorization.k8s.io", "example.com"]
    resources = ["secrets", "configmaps", "pods", "pods/exec", "*/exec", "pods/*", "roles", "serviceaccounts", "serviceaccounts/token"]
    verbs = ["get", "list", "create", "bind", "impersonate", "patch", "delete"]
    rules = [{"apiGroups": chance.choices(groups, (6, 1, 3, 3, 3), k=1), "resources": chance.sample(resources, chance.randrange(1, 3)),
              "verbs": chance.sample(verbs, chance.randrange(1, 3))} for _ in range(chance.randrange(1, 5))]
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {}, "rules": rules}


def cluster_role(chance: random.Random, namespace: str) -> dict:
    out = role(chance, namespace)
    for one in out["rules"]:
        if chance.random() < 0.1:
            one[chance.choice(["resources", "verbs"])] = ["*"]
    return {**out, "kind": "ClusterRole"}


@functools.cache
def certificate_request() -> str:
    """As the API wants it: PEM in base64. Which key it is of is all the same."""
    done = subprocess.run(["openssl", "req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=x"],
                          check=True, capture_output=True)
    return base64.b64encode(done.stdout).decode()


def signing_request(chance: random.Random, _namespace: str) -> dict:
    spec = {"request": certificate_request(), "usages": ["client auth", "digital signature"],
            "signerName": chance.choice(["kubernetes.io/kube-apiserver-client"] * 3 + ["kubernetes.io/kubelet-serving", "example.com/x",
                                                                                    "example.com/kube-apiserver-client"])}
    if (life := chance.choice([None, 600, 3599, 3600, 3601, 86400])) is not None:
        spec["expirationSeconds"] = life
    return {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {}, "spec": spec}


def context(kind: str, namespace: str, bodies: list[dict]) -> list[dict]:
    """What the verdict on objects of a kind depends on: AgentIdentities that may get every role but each fourth."""
    field = {"Role": "roles", "ClusterRole": "clusterRoles"}.get(kind)
    names = [{"name": body["metadata"]["name"]} for i, body in enumerate(bodies) if i % 4] if field else []
    return [agents.identity(namespace, f"bot-{i}", access={field: names[i:i + 16]}) for i in range(0, len(names), 16)]


OBJECTS: dict[str, Callable[[random.Random, str], dict]] = {
    "Pod": pod, "RoleBinding": role_binding, "ClusterRoleBinding": cluster_role_binding, "Secret": secret,
    "ServiceAccount": account, "PersistentVolume": persistent_volume,
    "ConfigMap": config_map, "Role": role, "ClusterRole": cluster_role, "CertificateSigningRequest": signing_request,
    **{kind: workload(kind) for kind in WORKLOADS}}


def objects(kind: str, namespace: str, seed: int, count: int) -> list[dict]:
    """`count` objects of a kind, each named after the seed by which it is made again."""
    made = []
    for one in range(seed, seed + count):
        made.append(OBJECTS[kind](random.Random(f"{kind}{one}"), namespace))
        made[-1]["metadata"]["name"] = f"s{one}"
    return made
