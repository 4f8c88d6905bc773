"""Seeded random objects, near the borders of the rules that exist both in C++ and as policies."""
import base64
import functools
import json
import random
import subprocess
from collections.abc import Callable

from support import agents

TOKENS = ["deployer-token-x7k2p", "deployer-token-abcde", "-token-x7k2p", "token-x7k2p", "tls"]
HOST_FILES = ["/etc/localtime", "/etc/machine-id", "/etc/os-release", "/etc/timezone", "/usr/lib/os-release"]
PATHS = [*HOST_FILES, *HOST_FILES, "/", "/var/lib/kubelet", "//etc//localtime", "/etc/./timezone", "/etc/localtime/", "etc/localtime",
         "/var/log", "/etc", "/run/containerd/containerd.sock", "/dev/sda", "/srv", "."]
API = ["https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local", "", None]
AUDIENCES = [*API, "vault", "vault", "https://x.example", "istio-ca", "istio-ca", "identity.l5d.io", "istio-ca.example", "sts.amazonaws.com",
             "sts.amazonaws.com.example", "api://AzureADTokenExchange", "//iam.googleapis.com/projects/1", "a.svc.id.goog", "svc.id.goog"]
LIVES = [None, 600, 3600, 3601, 3607, 43200, 86400, 86401]
DRIVERS = ["csi.cert-manager.io", "image.csi.k8s.io", "nfs.csi.k8s.io", "nfs.csi.k8s.io.example", "csi.spiffe.io", "secrets-store.csi.k8s.io"]
SIGNERS = ["kubernetes.io/example", "kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-pod", "example.com/ca"]
CAPABILITIES = ["CHOWN", "KILL", "MKNOD", "NET_BIND_SERVICE", "SYS_CHROOT", "NET_ADMIN", "NET_RAW", "SYS_ADMIN", "BPF", "CAP_KILL", "kill", "ALL"]
SYSCTLS = ["net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.tcp_rmem", "net.ipv4.tcp_notsent_lowat", "net.core.somaxconn",
           "kernel.shm_rmid_forced", "kernel.msgmax"]
PROFILES = [{"type": "RuntimeDefault"}, {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "x"}, {"type": "Unconfined"}]
SELINUX = [{"type": "container_t"}, {"level": "s0"}, {"type": "container_engine_t"}, {"type": ""}, {"type": "spc_t"}, {"user": "u"}, {"role": "r"}, {"user": ""}]


def security(chance: random.Random, of_pod: bool, private: bool) -> dict:
    """A securityContext of one or two fields; `private`: of a pod with namespaces of its own."""
    fields = {"seccompProfile": lambda: chance.choice(PROFILES), "appArmorProfile": lambda: chance.choice(PROFILES),
              "seLinuxOptions": lambda: chance.choice(SELINUX), "runAsNonRoot": lambda: True,
              "windowsOptions": lambda: chance.choice([{"runAsUserName": "web"}, {"runAsUserName": "web"}, {"gmsaCredentialSpecName": "web"}])}
    if not of_pod:
        fields |= {"privileged": lambda: chance.random() < 0.5, "procMount": lambda: "Default", "readOnlyRootFilesystem": lambda: True,
                   "capabilities": lambda: {"drop": ["ALL"], "add": chance.sample(CAPABILITIES, chance.randrange(3))}}
    elif private:
        fields["sysctls"] = lambda: [{"name": name, "value": "1"} for name in chance.sample(SYSCTLS, chance.randrange(1, 3))]
    return {name: fields[name]() for name in chance.sample(sorted(fields), chance.randrange(1, 3))}


def mount(chance: random.Random, volumes: list[dict], at: str) -> dict:
    out = {"name": chance.choice(volumes)["name"], "mountPath": at}
    if chance.random() < 0.8:
        out["readOnly"] = chance.random() < 0.95
    if chance.random() < 0.05:
        out["subPath"] = "a"
    return out


def container(chance: random.Random, name: str, volumes: list[dict], private: bool) -> dict:
    out = {"name": name, "image": "localhost/app:1"}
    if volumes and chance.random() < 0.6:
        out["volumeMounts"] = [mount(chance, volumes, f"/m{i}") for i in range(chance.randrange(1, 3))]
    if chance.random() < 0.25:
        out["securityContext"] = security(chance, False, private)
    if chance.random() < 0.15:
        out["ports"] = [{"containerPort": chance.randrange(1, 60000)}]
        if private and chance.random() < 0.2:
            out["ports"][0]["hostPort"] = out["ports"][0]["containerPort"]
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


def token_source(chance: random.Random) -> dict:
    out = {"path": "t"}
    if (audience := chance.choice(AUDIENCES)) is not None:
        out["audience"] = audience
    # The API server completes a life that is left out before anybody judges it; the scan alone sees that there was none.
    if (life := chance.choice(LIVES[1:] if audience in API else LIVES)) is not None:
        out["expirationSeconds"] = life
    return {"serviceAccountToken": out}


def volume(chance: random.Random, name: str) -> dict:
    pick = chance.randrange(9)
    if pick < 2:
        out = {"path": chance.choice(PATHS)}
        if chance.random() < 0.3:
            out["type"] = chance.choice(["", "File", "FileOrCreate", "DirectoryOrCreate"])
        return {"name": name, "hostPath": out}
    if pick == 2:
        return {"name": name, "secret": {"secretName": chance.choice(TOKENS[:2] + TOKENS[3:])}}
    if pick in (3, 4):
        return {"name": name, "projected": {"sources": [{"configMap": {"name": "c"}}, token_source(chance)]}}
    if pick == 5:
        source = chance.choice([{"secret": {"name": chance.choice(TOKENS[:2] + TOKENS[3:])}},
                                {"podCertificate": {"signerName": chance.choice(SIGNERS), "keyType": "ECDSAP256", "credentialBundlePath": "b",
                                                    "maxExpirationSeconds": chance.choice([3600, 3600, 3601])}}])
        return {"name": name, "projected": {"sources": [source]}}
    if pick == 6:
        csi = {"driver": chance.choice(DRIVERS)}
        if chance.random() < 0.2:
            csi["nodePublishSecretRef"] = {"name": chance.choice(TOKENS[3:])}
        return {"name": name, "csi": csi}
    return {"name": name, "emptyDir": {}}


def pod(chance: random.Random, _namespace: str) -> dict:
    """A pod that the API server itself would take; automount is said, so that no mutation is needed."""
    spec = {"automountServiceAccountToken": chance.random() < 0.1}
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if chance.random() < 0.04:
            spec[field] = chance.random() < 0.7
    private = not any(spec.get(field) for field in ("hostNetwork", "hostPID", "hostIPC"))
    if volumes := [volume(chance, f"v{i}") for i in range(chance.choice([0, 0, 1, 1, 2]))]:
        spec["volumes"] = volumes
    spec["containers"] = [container(chance, f"c{i}", volumes, private) for i in range(chance.randrange(1, 3))]
    if chance.random() < 0.3:
        spec["initContainers"] = [container(chance, "i0", volumes, private)]
    if chance.random() < 0.1 and not spec.get("hostPID"):
        spec["shareProcessNamespace"] = True
    if chance.random() < 0.04:
        spec["resourceClaims"] = [{"name": "gpu", "resourceClaimTemplateName": "gpus"}]
    if chance.random() < 0.1:
        spec["securityContext"] = security(chance, True, private)
    if private and chance.random() < 0.1:
        spec["hostUsers"] = False
        spec["containers"][0].setdefault("securityContext", {})["procMount"] = "Unmasked"
    out = {"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": spec}
    # Beside fields the API server wants annotations to say the same.
    if "securityContext" not in spec and not any("securityContext" in c for c in spec["containers"]) and chance.random() < 0.15:
        key = chance.choice(["container.apparmor.security.beta.kubernetes.io/c0", "seccomp.security.alpha.kubernetes.io/pod",
                             "container.seccomp.security.alpha.kubernetes.io/c0"])
        out["metadata"]["annotations"] = {key: chance.choice(["runtime/default", "localhost/x", "unconfined"])}
    return out


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
    pick = chance.randrange(4)
    if pick == 0:
        spec["hostPath"] = {"path": chance.choice(PATHS)}
    elif pick == 1:
        spec["local"] = {"path": chance.choice(PATHS)}
        spec["volumeMode"] = chance.choice(["Filesystem", "Block"])
        term = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "Exists"}]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
    elif pick == 2:
        spec["csi"] = {"driver": "disks.example.com", "volumeHandle": "1"}
        spec["volumeMode"] = chance.choice(["Filesystem", "Block"])
    else:
        spec["nfs"] = {"server": "nas.example.com", "path": "/srv"}
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


WRITES = ("create", "patch", "delete")
VERBS = ("get", "list", *WRITES, "bind", "impersonate")


def role(chance: random.Random, _namespace: str) -> dict:
    """Of rules three in five of which only read."""
    groups = ["", "*", "apps", "rbac.authorization.k8s.io", "example.com"]
    plain = ["configmaps", "pods", "roles", "serviceaccounts"]
    rules = []
    for _ in range(chance.randrange(1, 5)):
        calm = chance.random() < 0.6
        resources = plain if calm else [*plain, "secrets", "pods/exec", "*/exec", "pods/*", "serviceaccounts/token"]
        rules.append({"apiGroups": chance.choices(groups, (6, 1, 3, 3, 3), k=1), "resources": chance.sample(resources, chance.randrange(1, 3)),
                      "verbs": chance.sample(VERBS[:2] if calm else VERBS, chance.randrange(1, 3))})
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
