"""What each account may do is what its process does, by the API server's audit log: no right is spare."""
import json
import pathlib

import pytest
import yaml
from support import agents
from support.cluster import Cluster
from support.kube import ApiError, Kube, eventually
from support.processes import SYSTEM, Installation
from support.proxy import FaultProxy, rule
from support.users import kubelets_token, passing_hand

PROCESSES = ("errand-cainjector", "errand-operator", "errand-scanner", "errand-webhook")
USERS = {name: f"system:serviceaccount:{SYSTEM}:{name}" for name in PROCESSES}
POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
          "rules": [{"level": "Metadata", "users": list(USERS.values())}, {"level": "None"}]}
# By process, the rights of which the audit log can show no use. Empty: drop a right rather than list it here.
EXCEPTIONS: dict[str, set[tuple]] = {}
NS = "rights"

Right = tuple[str, str, str, str, str]  # verb, group, resource[/subresource], name or "" for all, namespace or "" for all


@pytest.fixture(scope="module", name="audited")
def fixture_audited(tmp_path_factory):
    """A cluster whose API server writes down what our accounts ask it, and the log. It streams no lists, so that watches
    fall back to what older API servers serve. The record of the guards is somebody else's."""
    home = tmp_path_factory.mktemp("audit")
    policy, log = home / "policy.yaml", home / "audit.log"
    policy.write_text(yaml.safe_dump(POLICY))
    arguments = [f"--apiserver-arg=--audit-policy-file={policy}", f"--apiserver-arg=--audit-log-path={log}",
                 "--apiserver-arg=--audit-log-mode=blocking", "--apiserver-arg=--feature-gates=WatchList=false"]
    with Cluster.start(None, "hollow-1", "2s", *arguments) as cluster:
        kube = cluster.kube
        kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}})
        kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "errand-guards", "namespace": SYSTEM}})
        installation = Installation(cluster).install()
        yield installation, Log(kube, log)
        installation.stop()


class Log:
    """What was asked, and what may be asked."""

    def __init__(self, kube: Kube, path: pathlib.Path):
        self._kube, self._path = kube, path

    def granted(self, process: str) -> set[Right]:
        """By each binding to the account. `bind` is left out: the API server asks for it itself."""
        subject = {"kind": "ServiceAccount", "name": process, "namespace": SYSTEM}
        out: set[Right] = set()
        for binding in self._kube.list("ClusterRoleBinding") + self._kube.list("RoleBinding"):
            if subject not in binding.get("subjects", []):
                continue
            ns, ref = binding["metadata"].get("namespace", ""), binding["roleRef"]
            role = self._kube.get(ref["kind"], ref["name"], ns if ref["kind"] == "Role" else None)
            out |= {(verb, group, resource, name, ns) for one in role["rules"] for verb in one["verbs"] if verb != "bind"
                    for group in one["apiGroups"] for resource in one["resources"] for name in one.get("resourceNames", [""])}
        return out

    def used(self, process: str) -> set[Right]:
        """What was asked and not refused by RBAC. An apply that has created its object asks for `create`, too."""
        out: set[Right] = set()
        for line in self._path.read_text().splitlines():
            event = json.loads(line)
            about = event.get("objectRef")
            if event["user"]["username"] != USERS[process] or not about or event["responseStatus"]["code"] in (401, 403):
                continue
            resource = about["resource"] + ("/" + about["subresource"] if "subresource" in about else "")
            one = (event["verb"], about.get("apiGroup", ""), resource, about.get("name", ""), about.get("namespace", ""))
            out.add(one)
            if one[0] == "patch" and event["responseStatus"]["code"] == 201:
                out.add(("create", *one[1:]))
        return out

    def spare(self, process: str) -> list[Right]:
        used = self.used(process)
        return sorted(right for right in self.granted(process) - EXCEPTIONS.get(process, set())
                      if not any(_covers(right, one) for one in used))

    def await_all_used(self, process: str, timeout: float = 30) -> None:
        try:
            eventually(lambda: not self.spare(process), timeout, 0.5)
        except (AssertionError, TimeoutError):
            pass
        assert not self.spare(process), f"{process} never uses these rights: drop them"
        granted = self.granted(process)
        # Every authenticated user may ask what it may do itself (system:basic-user).
        beyond = [one for one in self.used(process) if not any(_covers(right, one) for right in granted)
                  and not one[2].startswith("selfsubject")]
        assert not beyond, f"{process} used what no binding of ours gives"


def _covers(right: Right, one: Right) -> bool:
    return right[:3] == one[:3] and right[3] in ("", one[3]) and right[4] in ("", one[4])


def test_the_cainjector_may_do_what_it_does_and_no_more(audited):
    installation, log = audited
    cainjector = installation.start_cainjector("--webhook-name", "127.0.0.1", leader_elect=True)
    log.await_all_used("errand-cainjector")
    assert cainjector.stop() == 0


def test_the_webhook_may_do_what_it_does_and_no_more(audited):
    """Its watches lag behind, so that it reads a pod's grant and that grant's identity itself."""
    installation, log = audited
    kube = installation.kube
    with FaultProxy(installation.cluster) as proxy:
        proxy.plan(rule("late", "watch-hold", path=".*/(taskgrants|agentidentities)", seconds=60))
        webhook = installation.start_webhook(server=proxy.url)
        installation.enroll(NS, roles=("reader",))
        kube.create(agents.role(NS))
        kube.create(agents.identity(NS))  # names Roles and a ClusterRole
        kube.create(agents.grant(NS, "early"))
        for number, grant in enumerate(("none", "early")):
            pod = agents.job(NS, grant_name=grant)["spec"]["template"] | {"apiVersion": "v1", "kind": "Pod"}
            pod["metadata"] |= {"name": f"p-{number}", "namespace": NS}
            with pytest.raises(ApiError):
                kube.create(pod)
        stranger = {"apiVersion": "v1", "kind": "ServiceAccount",
                    "metadata": {"name": "errand-g.0123456789abcdef0123", "namespace": NS}}
        passing_hand(kube).create(stranger)
        with pytest.raises(ApiError, match="it belongs to no TaskGrant"):
            kubelets_token(kube, stranger["metadata"]["name"], NS)
        log.await_all_used("errand-webhook")
        webhook.stop()
    installation.start_webhook()


def test_the_operator_may_do_what_it_does_and_no_more(audited):
    """Through a proxy that answers some writes with a conflict, as other admission webhooks may: it then looks what is there."""
    installation, log = audited
    kube = installation.kube
    kube.delete("TaskGrant", "early", NS)
    with FaultProxy(installation.cluster) as proxy:
        core, rbac = f"/api/v1/namespaces/{NS}", f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NS}"
        proxy.plan(rule("account", "status", method="DELETE", path=f"{core}/serviceaccounts/.*", status=409, reason="Conflict", count=1),
                   rule("binding", "status", method="DELETE", path=f"{rbac}/rolebindings/.*", status=409, reason="Conflict", count=1),
                   rule("job", "status", method="PATCH", path=f"/apis/batch/v1/namespaces/{NS}/jobs/.*", status=422, reason="Invalid",
                        count=1))
        operator = installation.start_operator(server=proxy.url, leader_elect=True)
        eventually(operator.guards_hold, 60, what="the guards hold")
        installation.await_guards()
        kube.patch("Namespace", NS, None, {"metadata": {"annotations": {"errand.dev/enforced-since": None}, "labels": {"errand.dev/enforce": None}}})
        installation.enroll(NS, roles=("reader",), settle=True)
        kube.create(agents.leasable(NS, key="x"))
        kube.create(agents.deployment(NS))
        access = {**agents.ACCESS, "secrets": [{"name": "ticketing"}]}
        kube.create(agents.grant(NS, "slot", "Deployment/serve", "Slot", access=access, ttlSecondsAfterFinished=0))
        kube.create(agents.job(NS, grant_name="run"))
        kube.create(agents.grant(NS, "run"))
        for name in ("slot", "run"):
            kube.wait_for("TaskGrant", name, NS, agents.in_phase("Active"), 60)
        pod = eventually(lambda: kube.list("Pod", NS, labels="job-name=fix"))[0]
        kube.wait_for("Pod", pod["metadata"]["name"], NS, lambda p: p["spec"].get("nodeName"), 60)
        # Only what ends a pod is refused: a gate that cannot be lifted has been lifted by somebody else.
        proxy.add(rule("pod", "status", method="PATCH", path=f"{core}/pods/.*", status=422, reason="Invalid", count=2))
        passing_hand(kube).patch("ServiceAccount", "errand-a.bot.fixer", NS, {"automountServiceAccountToken": True})
        for state in ("Suspended", "Enabled", "Suspended", "Enabled"):
            kube.patch("AgentIdentity", "bot", NS, {"spec": {"state": state}})
            kube.wait_for("AgentIdentity", "bot", NS, lambda i: i["status"]["observedGeneration"] == i["metadata"]["generation"], 30)
        log.await_all_used("errand-operator", 120)
        assert operator.stop() == 0


def test_the_scanner_may_do_what_it_does_and_no_more(audited):
    """It tells of what comes, goes and comes again."""
    installation, log = audited
    kube, ns = installation.kube, "scanned"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": {"errand.dev/enforce": "audit"}}})
    kube.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": ns}, "spec": {
        "replicas": 0, "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"automountServiceAccountToken": True,
                                                                  "containers": [{"name": "c", "image": agents.IMAGE}]}}}})
    scanner = installation.start_scanner()

    def scanned(findings: int) -> None:
        eventually(lambda: any(line.startswith("errand_scan_findings{") and f'"{ns}"' in line and "SC101" in line
                               and float(line.rsplit(" ", 1)[1]) == findings for line in scanner.metrics()), 30, 0.2, "the scan knows")

    for automount, findings in ((True, 1), (False, 0), (True, 1)):
        kube.patch("Deployment", "web", ns, {"spec": {"template": {"spec": {"automountServiceAccountToken": automount}}}})
        scanned(findings)
    log.await_all_used("errand-scanner")
    assert scanner.stop() == 0
