"""What the webhook's account may do is what it does, by the API server's audit log."""
import json

import pytest
import yaml
from support import agents
from support.cluster import Cluster
from support.kube import ApiError, eventually
from support.processes import Installation
from support.users import kubelets_token, passing_hand

ACCOUNT = "system:serviceaccount:errand-system:errand-webhook"
POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
          "rules": [{"level": "Metadata", "users": [ACCOUNT]}, {"level": "None"}]}
# What this API server and an undisturbed watch never make necessary: the lists that a watch falls back to where the API
# server does not stream them, and the read of an AgentIdentity whose watch lags behind that of its grant.
SPARE = {("list", "", "namespaces", ""), ("list", "errand.dev", "agentidentities", ""), ("list", "errand.dev", "exemptions", ""),
         ("get", "errand.dev", "agentidentities", "")}


@pytest.fixture(scope="module", name="audited")
def fixture_audited(tmp_path_factory):
    """A cluster whose API server writes down what the webhook's account asks it, and the log."""
    home = tmp_path_factory.mktemp("audit")
    policy, log = home / "policy.yaml", home / "audit.log"
    policy.write_text(yaml.safe_dump(POLICY))
    arguments = [f"--apiserver-arg=--audit-policy-file={policy}", f"--apiserver-arg=--audit-log-path={log}",
                 "--apiserver-arg=--audit-log-mode=blocking"]
    with Cluster.start(None, "hollow-1", "2s", *arguments) as cluster:
        installation = Installation(cluster).install()
        yield installation, log
        installation.stop()


def granted(kube) -> set[tuple]:
    """(verb, group, resource, name) by each binding to the account, a name empty where the rule gives all."""
    roles = [b["roleRef"]["name"] for b in kube.list("ClusterRoleBinding")
             if {"kind": "ServiceAccount", "name": "errand-webhook", "namespace": "errand-system"} in b.get("subjects", [])]
    assert roles and not [b for b in kube.list("RoleBinding")
                          if any(s["name"] == "errand-webhook" for s in b.get("subjects", []))]
    return {(verb, group, resource, name) for role in roles for rule in kube.get("ClusterRole", role)["rules"]
            for verb in rule["verbs"] for group in rule["apiGroups"] for resource in rule["resources"]
            for name in rule.get("resourceNames", [""])}


def used(log, named: set[tuple]) -> set[tuple]:
    out = set()
    for line in log.read_text().splitlines():
        event = json.loads(line)
        about = event.get("objectRef")
        if not about or event["responseStatus"]["code"] in (401, 403):
            continue
        resource = about["resource"] + ("/" + about["subresource"] if "subresource" in about else "")
        one = (event["verb"], about.get("apiGroup", ""), resource)
        out.add((*one, about.get("name", "")) if (*one, about.get("name", "")) in named else (*one, ""))
    return out


def test_the_webhook_may_do_what_it_does_and_no_more(audited):
    installation, log = audited
    kube = installation.kube
    installation.start_webhook()
    ns = "rights"
    installation.enroll(ns, roles=("reader",))
    kube.create(agents.role(ns))
    kube.create(agents.identity(ns))  # names Roles and a ClusterRole
    kube.create(agents.grant(ns, "task"))
    pod = agents.job(ns, grant_name="none")["spec"]["template"] | {"apiVersion": "v1", "kind": "Pod"}
    pod["metadata"] |= {"name": "p", "namespace": ns}
    with pytest.raises(ApiError, match="none"):
        kube.create(pod)
    stranger = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "errand-g.0123456789abcdef0123", "namespace": ns}}
    passing_hand(kube).create(stranger)
    with pytest.raises(ApiError, match="it belongs to no TaskGrant"):
        kubelets_token(kube, stranger["metadata"]["name"], ns)
    may = granted(kube)
    assert SPARE <= may
    eventually(lambda: used(log, may) >= may - SPARE, 20, 0.5, f"each right is used: {sorted(may - SPARE - used(log, may))}")
    assert used(log, may) <= may
