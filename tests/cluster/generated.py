"""Seeded random pods, near the borders of the rules that exist both in C++ and as policies."""
import random

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


def pod(seed: int) -> dict:
    """A pod that the API server itself would take; automount is said, so that no mutation is needed."""
    chance = random.Random(seed)
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
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{seed}"}, "spec": spec}
