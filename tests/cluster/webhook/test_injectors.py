"""Our completion beside another mutating webhook that adds containers and volumes, before us or after us."""
import pathlib

import pytest
import yaml
from support import agents
from support.injector import injecting
from support.kube import ApiError, eventually
from test_injection import ACCESS, VOLUME, account_of, assert_completed, fixture_world, granted, pod

__all__ = ["fixture_world"]
pytestmark = pytest.mark.usefixtures("operator", "webhook")

BEFORE, AFTER = "a-injector", "z-injector"
SIDECAR = {"name": "proxy", "image": "localhost/proxy:1", "volumeMounts": [{"name": "proxy-config", "mountPath": "/etc/proxy"}]}


def has(spec: dict, kind: str, name: str) -> bool:
    return any(one["name"] == name for one in spec.get(kind, []))


def sidecar(made: dict) -> list[dict]:
    """Adds a container, an init container and a volume, once, as meshes do; the container comes first."""
    if has(made["spec"], "containers", "proxy"):
        return []
    out = [{"op": "add", "path": "/spec/containers/0", "value": SIDECAR}]
    setup = {"name": "proxy-init", "image": "localhost/proxy:1"}
    out.append({"op": "add", "path": "/spec/initContainers" + ("/0" if "initContainers" in made["spec"] else ""),
                "value": setup if "initContainers" in made["spec"] else [setup]})
    volume = {"name": "proxy-config", "emptyDir": {}}
    out.append({"op": "add", "path": "/spec/volumes" + ("/0" if "volumes" in made["spec"] else ""),
                "value": volume if "volumes" in made["spec"] else [volume]})
    return out


def without_proxy(spec: dict) -> dict:
    """The spec without what the sidecar has of its own, for assert_completed()."""
    out = {**spec, "volumes": [v for v in spec["volumes"] if v["name"] != "proxy-config"]}
    for kind in ("containers", "initContainers"):
        out[kind] = [{**c, "volumeMounts": [m for m in c["volumeMounts"] if m["name"] != "proxy-config"]} for c in spec.get(kind, [])]
    return out


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_what_an_injector_adds_is_completed_as_well(kube, cluster, world, name):
    g = granted(kube, world, "task", "Pod/once")
    body = pod("once", "task", initContainers=[{"name": "setup", "image": agents.IMAGE}])
    with injecting(kube, cluster.directory / "pki", world, name, sidecar) as calls:
        made = kube.create(body, world, dry_run=True)["spec"]
    assert calls and has(made, "containers", "proxy") and has(made, "initContainers", "proxy-init")
    assert_completed(without_proxy(made), g)
    assert len(made["schedulingGates"]) == 1, "asked twice, we add nothing twice"


def test_a_pod_of_a_controller_is_completed_behind_an_injector(kube, cluster, world):
    with injecting(kube, cluster.directory / "pki", world, AFTER, sidecar):
        kube.create(agents.grant(world, "task", access=ACCESS))
        kube.create(agents.job(world, grant_name="task"))
        made = eventually(lambda: [p for p in kube.list("Pod", world) if p["metadata"]["name"].startswith("fix-")], 20, what="the Job's pod")[0]
        assert_completed(without_proxy(made["spec"]), kube.get("TaskGrant", "task", world))
        # The hollow node never ends the injected init container: the token is there before it begins.
        eventually((cluster.volume(made, VOLUME) / "token").exists, 40, what="the token file")


def undoing(path: str):
    """An injector that takes something of our completion away each time that it is asked."""
    def mutate(made: dict) -> list[dict]:
        at = made
        for part in path.strip("/").split("/"):
            at = at[int(part)] if isinstance(at, list) and int(part) < len(at) else at.get(part) if isinstance(at, dict) else None
            if at is None:
                return []
        return [{"op": "remove", "path": path}]
    return mutate


@pytest.mark.parametrize("path", ["/spec/schedulingGates", "/spec/activeDeadlineSeconds", "/spec/containers/0/volumeMounts/1"])
def test_an_injector_that_undoes_our_completion_makes_no_pod(kube, cluster, world, path):
    granted(kube, world, "task", "Pod/once")
    with injecting(kube, cluster.directory / "pki", world, AFTER, undoing(path)):
        # We are asked again and complete it again; where the injector has the last word, the pod is refused.
        try:
            made = kube.create(pod("once", "task"), world, dry_run=True)["spec"]
        except ApiError as error:
            assert "[SC104]" in error.message and "another webhook may have changed" in error.message
        else:
            assert_completed(made, kube.get("TaskGrant", "task", world))


def mesh_token(made: dict) -> list[dict]:
    """Istio's istio-token: another audience, for half a day."""
    token = {"serviceAccountToken": {"audience": "istio-ca", "expirationSeconds": 43200, "path": "istio-token"}}
    volume = {"name": "istio-token", "projected": {"sources": [token]}}
    if has(made["spec"], "volumes", "istio-token"):
        return []
    there = "volumes" in made["spec"]
    return [{"op": "add", "path": "/spec/volumes" + ("/-" if there else ""), "value": volume if there else [volume]}]


def test_a_token_that_an_injector_brings_is_judged(kube, cluster, world):
    granted(kube, world, "task", "Pod/once")
    with injecting(kube, cluster.directory / "pki", world, AFTER, mesh_token):
        made = kube.create(pod("plain"), world, dry_run=True)["spec"]
        assert has(made, "volumes", "istio-token"), "the mesh's own token may live for a day"
        with pytest.raises(ApiError, match=r"\[SC114\].*istio-token"):
            kube.create(pod("agents", serviceAccountName="errand-a.bot.fixer"), world, dry_run=True)
        with pytest.raises(ApiError, match="take the serviceAccountToken out of volume .istio-token"):
            kube.create(pod("once", "task"), world, dry_run=True)


def api_volume_of_the_first(made: dict) -> list[dict]:
    """A sidecar that mounts what the API server has given to the other containers."""
    first = made["spec"]["containers"][0]
    if has(made["spec"], "containers", "copycat") or not first.get("volumeMounts"):
        return []
    return [{"op": "add", "path": "/spec/containers/-", "value": {"name": "copycat", "image": "c", "volumeMounts": first["volumeMounts"]}}]


def test_no_container_keeps_the_api_servers_token(kube, cluster, world):
    with injecting(kube, cluster.directory / "pki", world, BEFORE, api_volume_of_the_first) as calls:
        made = kube.create(pod("plain"), world, dry_run=True)["spec"]
    assert calls and has(made, "containers", "copycat")
    assert made["automountServiceAccountToken"] is False and not made.get("volumes")
    assert not [c for c in made["containers"] if c.get("volumeMounts")]


def test_a_pod_keeps_its_own_security_context(kube, cluster, world):
    g = granted(kube, world, "task", "Pod/once")
    own = {"runAsNonRoot": True, "runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000}
    container = {"name": "agent", "image": agents.IMAGE, "securityContext": {"readOnlyRootFilesystem": True, "runAsUser": 1001}}
    body = pod("once", "task", securityContext=own, containers=[container])
    made = kube.create(body, world)
    assert_completed(made["spec"], g)
    assert made["spec"]["securityContext"] == own
    assert made["spec"]["containers"][0]["securityContext"] == container["securityContext"]
    running = kube.wait_for("Pod", "once", world, lambda p: p["status"]["phase"] == "Running", 40)
    assert (cluster.volume(running, VOLUME) / "token").stat().st_mode & 0o007 == 0, "for the pod's group alone"


def test_an_ephemeral_container_gets_no_credentials(kube, cluster, world):
    g = granted(kube, world, "task", "Pod/once")
    with injecting(kube, cluster.directory / "pki", world, BEFORE, sidecar):
        kube.create(pod("once", "task"), world)
    debugger = {"name": "debug", "image": agents.IMAGE, "targetContainerName": "agent"}
    mounting = {**debugger, "volumeMounts": [{"name": VOLUME, "mountPath": "/x"}]}
    with pytest.raises(ApiError, match=r"\[SC106\].*tokens"):
        kube.patch("Pod", "once", world, {"spec": {"ephemeralContainers": [mounting]}}, "ephemeralcontainers")
    kube.patch("Pod", "once", world, {"spec": {"ephemeralContainers": [debugger]}}, "ephemeralcontainers")
    after = kube.get("Pod", "once", world)["spec"]
    assert not after["ephemeralContainers"][0].get("volumeMounts") and account_of(g) == after["serviceAccountName"]


CASES = pathlib.Path(__file__).resolve().parents[2] / "rules"
# What injectors leave: the volume with the token that the sidecar needs, its file, audience and life.
INJECTED = {"SC102/allow/istio.yaml": ("istio-token", "istio-token", "istio-ca", 43200),
            "SC102/allow/linkerd.yaml": ("linkerd-identity-token", "linkerd-identity-token", "identity.l5d.io", 86400),
            "SC103/allow/vault-agent.yaml": ("vault-token", "token", "vault", 3600)}


@pytest.mark.parametrize("case", INJECTED)
def test_pods_of_meshes_and_of_vault_start_under_pod_security_too(kube, cluster, namespace, case):
    """As their injectors leave them; the hollow node ends no init container, but the sidecar's token is there."""
    volume, file, audience, life = INJECTED[case]
    kube.patch("Namespace", namespace, None, {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "baseline"}}})
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    made = kube.create(yaml.safe_load((CASES / case).read_text()), namespace)
    claims = agents.claims(cluster.read(made, volume, file, timeout=40))
    assert claims["aud"] == [audience] and claims["exp"] - claims["iat"] == life


def test_an_ordinary_agents_pod_starts(kube, namespace):
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    kube.create(yaml.safe_load((CASES / "SC203/allow/agent.yaml").read_text()), namespace)
    kube.wait_for("Pod", "subject", namespace, lambda p: p["status"]["phase"] == "Running", 40)


def vault_agent(made: dict) -> list[dict]:
    """As Vault Agent's injector: containers first and last, with the token's mount of container 0, or with the volume that the
    annotation names."""
    spec = made["spec"]
    if has(spec, "containers", "vault-agent"):
        return []
    named = made["metadata"].get("annotations", {}).get("vault.hashicorp.com/agent-service-account-token-volume-name")
    if named:
        mount = {"name": named, "mountPath": "/var/run/secrets/vault.hashicorp.com/serviceaccount", "readOnly": True}
    else:
        mount = next((m for m in spec["containers"][0].get("volumeMounts", []) if "serviceaccount" in m["mountPath"]), None)
        if mount is None:
            return []
    home = {"name": "home-vault", "emptyDir": {}}
    agent = {"image": "vault", "volumeMounts": [{"name": "home-vault", "mountPath": "/home/vault"}, mount]}
    inits, volumes = "initContainers" in spec, "volumes" in spec
    first = {"name": "vault-agent-init", **agent}
    return [{"op": "add", "path": "/spec/volumes" + ("/-" if volumes else ""), "value": home if volumes else [home]},
            {"op": "add", "path": "/spec/initContainers" + ("/0" if inits else ""), "value": first if inits else [first]},
            {"op": "add", "path": "/spec/containers/-", "value": {"name": "vault-agent", **agent}}]


@pytest.mark.parametrize("name", [BEFORE, AFTER], ids=["before", "behind"])
@pytest.mark.parametrize("kind", ["roles", "audiences", "roles-named", "audiences-named"])
def test_vault_agent_finds_a_token(kube, cluster, world, name, kind):
    """With roles at the path of every pod; by the injector's annotation in any pod of a grant."""
    access = ACCESS if kind.startswith("roles") else {"audiences": ACCESS["audiences"]}
    kube.create(agents.grant(world, "task", "Pod/once", access=access))
    kube.wait_for("TaskGrant", "task", world, lambda g: g.get("status", {}).get("serviceAccount", {}).get("uid"))
    body = pod("once", "task")
    if kind.endswith("named"):
        body["metadata"]["annotations"] = {"vault.hashicorp.com/agent-service-account-token-volume-name": VOLUME}
    with injecting(kube, cluster.directory / "pki", world, name, vault_agent):
        made = kube.create(body, world, dry_run=True)["spec"]
    if kind == "audiences":  # the injector finds no token of the API server, and there is none
        return
    assert has(made, "containers", "vault-agent") and has(made, "initContainers", "vault-agent-init")
    path = "/var/run/secrets/vault.hashicorp.com/serviceaccount" if kind.endswith("named") else "/var/run/secrets/kubernetes.io/serviceaccount"
    for container in (made["initContainers"][0], made["containers"][-1]):
        assert path in {m["mountPath"] for m in container["volumeMounts"]}, container


@pytest.mark.parametrize("mount", [{"readOnly": False}, {"readOnly": True, "subPath": "token"}], ids=["writable", "subpath"])
def test_a_mount_of_the_credentials_is_whole_and_read_only(kube, world, mount):
    granted(kube, world, "task", "Pod/once")
    own = {"name": VOLUME, "mountPath": "/elsewhere", **mount}
    with pytest.raises(ApiError, match="mounts volume errand-credentials itself"):
        kube.create(pod("once", "task", containers=[{"name": "agent", "image": agents.IMAGE, "volumeMounts": [own]}]), world, dry_run=True)


def registry(made: dict) -> list[dict]:
    """A policy of the cluster that adds the password of a private registry to every pod."""
    if made["spec"].get("imagePullSecrets"):
        return []
    return [{"op": "add", "path": "/spec/imagePullSecrets", "value": [{"name": "registry"}]}]


@pytest.mark.parametrize("name", [BEFORE, AFTER], ids=["before", "behind"])
def test_a_pull_secret_that_a_cluster_policy_adds_is_named_on_the_pod(kube, cluster, world, name):
    with injecting(kube, cluster.directory / "pki", world, name, registry):
        kube.create(agents.grant(world, "task"))
        kube.create(agents.job(world))
        kube.create(agents.job(world, "plain", ""))
        for job in ("fix", "plain"):
            made = eventually(lambda: kube.list("Pod", world, labels=f"job-name={job}"), 30)[0]  # noqa: B023
            # One that is asked again after us adds it again: the pod is admitted, and a report names it.
            assert bool(made["spec"].get("imagePullSecrets")) == (name == AFTER)
            assert made["metadata"]["annotations"]["errand.dev/removed-pull-secrets"] == "registry"
        with pytest.raises(ApiError, match=r"\[SC110\].*cluster policy that adds it"):
            kube.create(pod("single"), world, dry_run=True)
