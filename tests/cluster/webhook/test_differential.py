"""The same generated objects before the webhook, the policies and the offline scan: equal verdicts.

A policy tells the first thing that is wrong alone, so its rule must be the first that the others name among those that
it has. No policy looks at templates of pods, Roles and ConfigMaps, by design: the pods themselves are judged, the webhook
guards what is written, and neither keeps anybody from a repair. Of CSRs the policy judges those of agents alone, the scan
all. ClusterRoles are judged by the scan alone: whether they are dangerous is asked of the API server's authorizer. ERRAND_DIFFERENTIAL=n runs n objects of all kinds together (1,000 without it, 10,000 for the whole), and
ERRAND_SEED=n other ones; a failure names each object by the seed that makes it again.
"""
import contextlib
import dataclasses
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import generated
from support.enrolment import set_mode
from support.kube import ApiError, Kube, eventually
from support.processes import ROOT, program

COUNT = int(os.environ.get("ERRAND_DIFFERENTIAL", "1000"))
SEED = int(os.environ.get("ERRAND_SEED", "0"))
ADMISSION, MORE = ROOT / "manifests" / "admission" / "policies", ROOT / "manifests" / "components" / "policies"

# kind: (share of the objects, its policy, the rules of it, whether the webhook is asked)
KINDS = {
    "Pod": (0.4, MORE / "errand-pods.yaml", ("SC101", "SC102", "SC103", "SC105", "SC107", "SC201", "SC202", "SC203"), True),
    "RoleBinding": (0.08, MORE / "errand-bindings.yaml", ("SC301",), True),
    "Secret": (0.08, MORE / "errand-tokens-at-rest.yaml", ("SC401",), True),
    "ServiceAccount": (0.08, MORE / "errand-tokens-at-rest.yaml", ("SC401",), True),
    "PersistentVolume": (0.08, MORE / "errand-volumes.yaml", ("SC201",), False),
    "ClusterRoleBinding": (0.08, ADMISSION / "errand-cluster-bindings.yaml", ("SC301",), False),
    "CertificateSigningRequest": (0.03, ADMISSION / "errand-certificates.yaml", ("SC403",), False),
    **{kind: (0.025, None, (), True) for kind in generated.WORKLOADS},
    "ConfigMap": (0.03, None, (), True),
    "Role": (0.02, None, (), True),
}
SCAN_ALONE = ("SC304", "SC305")

# An object of each kind that its policy refuses, to see when it is in force.
PROBES = {
    "Pod": {"spec": {"automountServiceAccountToken": True, "containers": [{"name": "c", "image": "c"}]}},
    "Secret": {"type": "kubernetes.io/service-account-token",
               "metadata": {"name": "probe", "annotations": {"kubernetes.io/service-account.name": "default"}}},
    "ServiceAccount": {"secrets": [{"name": "tls"}]},
    "PersistentVolume": {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/"}}},
    "RoleBinding": {"subjects": [{"kind": "Group", "name": "system:serviceaccounts", "apiGroup": "rbac.authorization.k8s.io"}],
                    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}},
}
PROBES["ClusterRoleBinding"] = PROBES["RoleBinding"]
PROBES["CertificateSigningRequest"] = {"spec": {"request": generated.certificate_request(), "usages": ["client auth"],
                                                "signerName": "kubernetes.io/kube-apiserver-client"}}

# What a role may allow an agent (SC302), of the words that generated roles are made of.
RBAC = "rbac.authorization.k8s.io"
GROUPS, READ = ("", "apps", RBAC, "example.com", "of-a-star"), ("get", "list")
RESOURCES = ("secrets", "configmaps", "pods", "pods/exec", "pods/*", "roles", "serviceaccounts", "serviceaccounts/token")


def is_harmless(group: str, resource: str, verb: str) -> bool:
    own = group in ("", "apps")  # the table takes a pod of apps, which there is not, for a pod
    if "/" in resource or (own and resource == "secrets"):
        return False
    return verb in READ or (own and resource == "configmaps" and verb in generated.WRITES) or (own and (resource, verb) == ("pods", "delete"))


pytestmark = pytest.mark.usefixtures("operator", "webhook")


def agent(kube: Kube) -> Kube:
    """With all rights, and as one with a token of its own, as SC503 asks."""
    client = kube.as_user("system:serviceaccount:agents:errand-a.bot.fixer", "system:masters")
    return dataclasses.replace(client, headers={**client.headers,
                                                "Impersonate-Extra-authentication.kubernetes.io%2Fcredential-id": "JTI=1"})


def verdict(kube: Kube, namespace: str | None, body: dict) -> list[str]:
    """The rules by which the API server refuses the object."""
    try:
        kube.create(body, namespace, dry_run=True)
    except ApiError as error:
        assert "[SC" in error.message, (body, error)
        return sorted(set(re.findall(r"\[(SC\d+)\]", error.message)))
    return []


def everywhere(kube: Kube, namespace: str | None, bodies: list[dict]) -> list[list[str]]:
    with ThreadPoolExecutor(8) as workers:
        return list(workers.map(lambda body: verdict(kube, namespace, body), bodies))


def scanned(namespace: str, bodies: list[dict], context: list[dict]) -> list[list[str]]:
    stream = "\n---\n".join(json.dumps(body) for body in context + bodies)
    done = subprocess.run([program("kubectl-errand"), "scan", "-", "--format", "json", "-n", namespace], input=stream,
                          capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert found["objects"] == len(context) + len(bodies) and not found["broken"], done.stderr
    rules = {body["metadata"]["name"]: set() for body in bodies}
    for finding in found["findings"]:
        if finding["rule"] not in SCAN_ALONE:
            rules[finding["object"].rpartition("/")[2]].add(finding["rule"])
    return [sorted(rules[body["metadata"]["name"]]) for body in bodies]


@contextlib.contextmanager
def in_force(kube: Kube, namespace: str | None, kind: str, policy):
    """With the policy, which a part of the installation does without; it is taken away again where it is not."""
    kube.kubectl("apply", "--server-side", "-f", str(policy))
    probe = {"apiVersion": generated.objects(kind, "x", 0, 1)[0]["apiVersion"], "kind": kind, "metadata": {"name": "probe"}, **PROBES[kind]}

    def refuses() -> bool:
        try:
            kube.create(probe, namespace, dry_run=True)
        except ApiError as error:
            return policy.stem in error.message
        return False

    try:
        eventually(refuses, 30, 0.2, "the policy is in force")
        yield
    finally:
        if policy.parent == MORE:
            kube.delete("ValidatingAdmissionPolicyBinding", policy.stem)
            eventually(lambda: not refuses(), 30, 0.2, "the policy is no longer in force")


def differing(bodies: list[dict], got: list[list[str]], expected: list[list[str]]) -> list:
    return [(f"{b['kind']} of seed {b['metadata']['name'][1:]}", g, e) for b, g, e in zip(bodies, got, expected) if g != e]


@pytest.mark.parametrize("kind", KINDS)
def test_webhook_policies_and_scan_agree(kube, namespace, kind):
    share, policy, rules, webhook = KINDS[kind]
    count = max(20, int(COUNT * share))
    bodies = generated.objects(kind, namespace, SEED, count)
    print(f"{count} of kind {kind}, from seed {SEED} on")
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    context = generated.context(kind, namespace, bodies)
    for one in context:
        kube.create(one, namespace)
    expected = scanned(namespace, bodies, context)
    assert 0.1 < sum(not e for e in expected) / count < 0.9, "too few of one kind to tell anything"
    place = namespace if webhook else None
    if kind == "CertificateSigningRequest":
        assert not any(everywhere(kube, None, bodies)), "of nobody but agents"
        kube = agent(kube)
    if context:  # of which the webhook hears a moment later
        eventually(lambda: everywhere(kube, place, bodies[:20]) == expected[:20], 10, 0.3, "the webhook knows the identity")
    if webhook:
        assert not differing(bodies, everywhere(kube, place, bodies), expected)
    if policy is None:
        return
    # A policy is asked before the webhook, and refuses by one rule; what it lets pass the webhook judges whole.
    firsts = [[r for r in e if r in rules][:1] or (e if webhook else []) for e in expected]
    with in_force(kube, place, kind, policy):
        assert not differing(bodies, everywhere(kube, place, bodies), firsts)


def test_a_binding_of_the_cluster_may_be_to_a_namespace_that_takes_no_part(kube, namespace):
    """And is refused from the moment that it takes part."""
    body = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "all-of-one"},
            **PROBES["ClusterRoleBinding"]}
    body["subjects"] = [{**body["subjects"][0], "name": f"system:serviceaccounts:{namespace}"}]
    eventually(lambda: verdict(kube, None, body) == ["SC301"], 10, 0.2, "the namespace takes part")
    set_mode(kube, namespace, None)
    eventually(lambda: verdict(kube, None, body) == [], 10, 0.2, "it takes no part")


def test_a_cluster_role_is_dangerous_where_the_authorizer_says_so(kube, namespace):
    """To the scan, of those that an agent may get."""
    bodies = generated.objects("ClusterRole", namespace, SEED, max(40, int(COUNT * 0.02)))
    expected = scanned(namespace, bodies, generated.context("ClusterRole", namespace, bodies))
    for body in bodies:
        kube.create(body)
        kube.create({"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "of-" + body["metadata"]["name"]},
                     "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": body["metadata"]["name"]},
                     "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "has-" + body["metadata"]["name"]}]})

    def is_dangerous(body: dict) -> bool:
        user = "has-" + body["metadata"]["name"]
        some = body["rules"][-1]
        resource = "x" if some["resources"][0] == "*" else some["resources"][0].replace("*/", "pods/")
        eventually(lambda: kube.allowed(user, some["verbs"][0], resource, namespace, group=some["apiGroups"][0]), what="the binding counts")
        everything = [r for r in body["rules"] if "*" in r["verbs"] + r["resources"]]
        return bool(everything) or any(kube.allowed(user, verb, resource, namespace, group=group)
                                       for group in GROUPS for resource in RESOURCES for verb in generated.VERBS
                                       if not is_harmless(group, resource, verb))

    with ThreadPoolExecutor(8) as workers:
        found = list(workers.map(is_dangerous, bodies))
    assert 0.2 < sum(found) / len(found) < 0.9, "too few of one kind to tell anything"
    assert not differing(bodies, [["SC302"] if bad and i % 4 else [] for i, bad in enumerate(found)], expected)
    for body in bodies:
        kube.delete("ClusterRoleBinding", "of-" + body["metadata"]["name"])
        kube.delete("ClusterRole", body["metadata"]["name"])
