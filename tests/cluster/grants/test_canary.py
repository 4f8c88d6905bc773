"""A credential's value appears nowhere but in its Secret, over a whole life with faults in it, at the most verbose log
level; and no process of any suite ever logs a token (`Installation.stop`)."""
import base64
import json
import re
import urllib.request

import pytest
from support import agents
from support.agents import condition, confirmed, in_phase, stalled
from support.background import Background
from support.cluster import Cluster
from support.kube import ApiError, eventually
from support.processes import Installation, assert_no_token, status
from support.proxy import FaultProxy, rule
from support.users import kubeconfig, passing_hand
from support.users import rule as allows
from support.users import user

NS = "canaries"
SLOT = "errand-bot-fixer"
KINDS = ("TaskGrant", "AgentIdentity", "Pod", "Deployment", "ServiceAccount", "RoleBinding", "Event")
SECRETS = f"/api/v1/namespaces/{NS}/secrets.*"
TOKENS = f"/api/v1/namespaces/{NS}/serviceaccounts/.*/token"

# The API server's answer repeats what it was sent, as its answers about invalid objects do.
FAULTS = [rule("mint-500", "status", method="POST", path=TOKENS, status=500, count=1, echo=True),
          rule("mint-422", "status", method="POST", path=TOKENS, status=422, count=1, echo=True),
          rule("slot-409", "status", method="PATCH|PUT|POST", path=SECRETS, status=409, count=1, echo=True),
          rule("slot-422", "status", method="PATCH|PUT", path=SECRETS, status=422, reason="Invalid", count=1, echo=True),
          rule("slot-500", "status", method="PATCH|PUT", path=SECRETS, status=500, count=1, echo=True),
          rule("lease-cut", "cut-answer", method="GET", path=f"/api/v1/namespaces/{NS}/secrets/ticketing", at=900, count=1),
          rule("status-409", "status", method="PATCH", path=".*/taskgrants/.*/status", status=409, count=2, echo=True),
          rule("slot-stays", "status", method="DELETE", path=SECRETS, status=500, count=1, echo=True),
          rule("review-500", "status", method="POST", path=".*/tokenreviews", status=500, count=2, echo=True)]


@pytest.fixture(scope="module", name="place")
def fixture_place():
    with Cluster.start() as cluster:
        installation = Installation(cluster).install()
        webhook = installation.start_webhook("--log-level", "debug")
        with FaultProxy(cluster) as proxy:
            yield installation, webhook, proxy
        installation.stop()


class Held(Background):
    """Every value that the slot ever held, as the administrator sees it."""

    def __init__(self, kube):
        super().__init__(self._look, 0.02)
        self.values: set[str] = set()
        self._kube = kube

    def _look(self) -> None:
        try:
            data = (self._kube.find("Secret", SLOT, NS) or {}).get("data", {})
        except (ApiError, OSError):
            data = {}
        self.values |= {base64.b64decode(data[key]).decode() for key in ("token", "mcp", "ticketing.key") if key in data}


def forms(value: str) -> list[str]:
    """A value as it may be written: as it is, a token's signature, and in base64 at any of the three offsets."""
    out = [value] + ([value.rsplit(".", 1)[1]] if value.count(".") == 2 else [])
    for pad in range(3):
        coded = base64.b64encode(b"x" * pad + value.encode()).decode()
        out.append(coded[4 if pad else 0:-4])
    return out


def found(values: set[str], text: str) -> list[str]:
    return [form[:12] for value in values for form in forms(value) if form in text]


def metrics(process) -> str:
    with urllib.request.urlopen(f"http://{process.health}/metrics", timeout=5) as answer:
        return answer.read().decode()


def statuses(kube) -> str:
    """All that is in the namespace but Secrets and what people wrote themselves into a spec."""
    return json.dumps([{k: v for k, v in o.items() if k != "spec" or kind not in ("TaskGrant", "AgentIdentity")}
                       for kind in KINDS for o in kube.list(kind, NS)])


def test_no_value_leaves_its_secret_over_a_whole_life_with_faults(place, tmp_path):
    installation, webhook, proxy = place
    kube = installation.kube
    first, second = "canary-7f3a9c41d2-first", "canary-7f3a9c41d2-second"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}})
    kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SLOT, "namespace": NS}, "stringData": {"token": first}})
    installation.enroll(NS, roles=("reader",))
    kube.create(agents.role(NS))
    kube.create(agents.identity(NS))
    kube.create(agents.leasable(NS, key=first))
    held = Held(kube).start()
    proxy.plan(*FAULTS)
    operator = installation.start_operator(server=proxy.url)
    kube.create(agents.deployment(NS))  # pods from before the policies hold are served by no grant

    access = {**agents.ACCESS, "secrets": [{"name": "ticketing"}]}
    kube.create(agents.grant(NS, "task", "Deployment/serve", "Slot", access=access))
    kube.wait_for("TaskGrant", "task", NS, stalled(f"Secret {SLOT} exists and was not made by the operator"), 30)
    passing_hand(kube).delete("Secret", SLOT, NS)
    kube.wait_for("TaskGrant", "task", NS, in_phase("Active"), 90)
    eventually(lambda: {first} <= held.values and len(held.values) >= 3, 60, what="the slot is filled")
    kube.patch("Secret", "ticketing", NS, {"stringData": {"key": second}})
    eventually(lambda: second in held.values and len(held.values) >= 6, 90, what="it is filled again")
    reader = user(kube, NS, "viewer", allows("errand.dev", "agentidentities taskgrants", "get list"))
    told = status(kubeconfig(reader, tmp_path / "config", NS), "--format", "json").stdout

    # A person who pastes a token where everyone can read it: it goes no further.
    pasted = next(v for v in held.values if v.count(".") == 2)
    kube.patch("TaskGrant", "task", NS, {"spec": {"revoke": {"reason": f"leaked {pasted}"[:256]}}})
    during = statuses(kube)
    g = kube.wait_for("TaskGrant", "task", NS, in_phase("Revoked"), 60)
    g = kube.wait_for("TaskGrant", "task", NS, confirmed, 90)
    assert "leaked [removed]" in condition(g, "Ready")["message"]
    for fault in FAULTS:
        assert proxy.state(fault["name"])["fired"] >= 1, f"{fault['name']} never struck"

    held.stop()
    values = held.values - {""}
    texts = {"during": during, "objects": statuses(kube), "kubectl-errand": told, "operator's metrics": metrics(operator),
             "webhook's metrics": metrics(webhook), "operator's log": operator.log.read_text(errors="replace"),
             "webhook's log": webhook.log.read_text(errors="replace")}
    assert found(values, json.dumps({"a": [f"x{v}" for v in values]})), "the search finds what is there"
    assert found({second}, base64.b64encode(("ab" + second + "c").encode()).decode())
    assert '"level":"debug"' in texts["operator's log"] and "status-409" not in texts["operator's log"]
    for where, text in texts.items():
        assert len(text) > 300, where
        assert not found(values, text), where
    operator.stop()


def test_a_token_in_a_log_is_found(tmp_path):
    (tmp_path / "log").write_text('{"msg":"fine","jti":"eyJ"}\n')
    assert_no_token(tmp_path / "log")
    (tmp_path / "log").write_text('{"msg":"fine"}\n{"msg":"got eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOlsi"}\n')
    with pytest.raises(AssertionError, match=re.escape("log:2 holds a token after: ") + '.*"msg":"got $'):
        assert_no_token(tmp_path / "log")
