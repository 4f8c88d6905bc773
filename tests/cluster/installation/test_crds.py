"""The CRDs on a real API server: what they accept, refuse, complete and show."""
import pathlib
import uuid

import pytest
import yaml
from support.crdcases import ACCEPTED, CHANGES, GRANT, IDENTITY, LABEL, REFUSED, edited
from support.kinds import collection
from support.kube import MERGE, ApiError
from support.users import passing_hand

pytestmark = pytest.mark.usefixtures("installation", "webhook")

CRDS = sorted((pathlib.Path(__file__).resolve().parents[3] / "crds").glob("errand.dev_*.yaml"))
IMMUTABLE = "the spec of a grant never changes, but for revoke; create another grant"
REVOKED = "revoke is set once and never taken back"
FINAL = "a final phase never changes: create another TaskGrant"
NO_TOKEN = "a status must never hold a token"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOlsieCJdfQ.c2lnbmF0dXJl"
CREDENTIAL = {"audience": "x", "credentialID": str(uuid.UUID(int=1)), "issuedAt": "2026-11-24T12:00:00Z",
              "expiresAt": "2026-11-24T12:10:00Z"}


def name_of(case) -> str:
    base, edits = case[:2]
    return base["kind"] + "".join(f",{path}={value}" for path, value in edits)[:80]


@pytest.fixture(name="grant")
def fixture_grant(kube):
    """A grant in a namespace that is not enrolled: no operator acts on it but to say so."""
    made = kube.create(edited(GRANT, [("metadata/name", "g-" + uuid.uuid4().hex[:8])]))
    yield made["metadata"]["name"]
    kube.delete("TaskGrant", made["metadata"]["name"], "default", missing_ok=True)


def dry_patch(kube, kind, name, body, subresource=None):
    return kube.request("PATCH", collection(kind, "default", name, subresource), body, MERGE, dryRun="All")


def refused(kube, *arguments) -> str:
    with pytest.raises(ApiError) as caught:
        dry_patch(kube, *arguments)
    assert caught.value.status == 422
    return caught.value.message


@pytest.mark.parametrize("case", ACCEPTED, ids=name_of)
def test_accepted(kube, case):
    kube.create(edited(*case), dry_run=True)


@pytest.mark.parametrize("case", REFUSED, ids=name_of)
def test_refused_with_the_way_out(kube, case):
    base, edits, message = case
    with pytest.raises(ApiError) as caught:
        kube.create(edited(base, edits), dry_run=True)
    assert caught.value.status == 422
    assert message in caught.value.message


def test_no_rule_is_without_a_case():
    def messages(node):
        if isinstance(node, dict):
            for rule in node.get("x-kubernetes-validations", []):
                yield rule["message"]
            node = list(node.values())
        for child in node if isinstance(node, list) else []:
            yield from messages(child)

    tried = {case[2] for case in REFUSED} | {IMMUTABLE, REVOKED, FINAL, NO_TOKEN}
    rules = {message for file in CRDS for message in messages(yaml.safe_load(file.read_text()))}
    assert len(rules) > 15
    assert not [rule for rule in rules if not any(part in rule for part in tried)]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_grant_never_changes(kube, grant, change):
    assert IMMUTABLE in refused(kube, "TaskGrant", grant, {"spec": change})


def test_a_revoke_is_added_once(kube, grant):
    kube.patch("TaskGrant", grant, "default", {"spec": {"revoke": {"reason": "wrong cluster"}}})
    assert REVOKED in refused(kube, "TaskGrant", grant, {"spec": {"revoke": {"reason": "other"}}})
    assert REVOKED in refused(kube, "TaskGrant", grant, {"spec": {"revoke": None}})
    dry_patch(kube, "TaskGrant", grant, {"metadata": {"labels": {"still": "possible"}}})


def test_defaults(kube):
    made = kube.create(GRANT, dry_run=True)
    assert made["spec"]["delivery"] == {"mode": "Projected"}
    assert made["spec"]["ttlSecondsAfterFinished"] == 86400
    assert made["status"] == {"observedGeneration": -1}
    made = kube.create(edited(IDENTITY, [("status", {"activeGrants": 9})]), dry_run=True)
    assert made["spec"]["state"] == "Enabled"
    tool_class, = made["spec"]["toolClasses"]
    assert (tool_class["maxActiveGrants"], tool_class["approval"]) == (1, {"required": 0})
    assert made["status"] == {"observedGeneration": -1}, "status is not the creator's to write"


def test_generated_names_are_held_to_the_limit(kube):
    body = edited(GRANT, [("metadata", {"generateName": "inc-", "namespace": "default"})])
    assert kube.request("POST", collection("TaskGrant", "default"), body, dryRun="All")["metadata"]["name"] != "inc-"
    body["metadata"]["generateName"] = "x" * 40
    with pytest.raises(ApiError, match=LABEL):
        kube.request("POST", collection("TaskGrant", "default"), body, dryRun="All")


@pytest.mark.parametrize("status", [
    {"conditions": [{"type": "Ready", "status": "False", "reason": "Failed", "message": f"answered {TOKEN}",
                     "lastTransitionTime": "2026-11-24T12:00:00Z"}]},
    {"credentials": [{**CREDENTIAL, "audience": TOKEN}]},
], ids=["message", "audience"])
def test_a_status_holds_no_token(kube, grant, status):
    assert NO_TOKEN in refused(passing_hand(kube), "TaskGrant", grant, {"status": status}, "status")


def test_a_final_phase_never_changes(kube, grant):
    passing_hand(kube).patch("TaskGrant", grant, "default", {"status": {"phase": "Active"}}, "status")
    passing_hand(kube).patch("TaskGrant", grant, "default", {"status": {"phase": "Revoked"}}, "status")
    for phase in ("Active", "Completed", None):
        assert FINAL in refused(passing_hand(kube), "TaskGrant", grant, {"status": {"phase": phase}}, "status")
    passing_hand(kube).patch("TaskGrant", grant, "default", {"status": {"phase": "Revoked", "endedBecause": "X"}}, "status")


def test_a_status_names_a_credential_by_its_id_alone(kube, grant):
    dry_patch(passing_hand(kube), "TaskGrant", grant, {"status": {"credentials": [CREDENTIAL]}}, "status")
    wrong = {"credentials": [{**CREDENTIAL, "credentialID": TOKEN}]}
    assert "credentialID" in refused(passing_hand(kube), "TaskGrant", grant, {"status": wrong}, "status")


def test_explain_teaches_the_window(kube):
    text = " ".join(kube.kubectl("explain", "taskgrant.spec.window").stdout.split())
    for sentence in ("The window opens when the grant becomes Active, not when it is created",
                     "or sooner when the task is done",
                     "The latest moment the grant may start (RFC 3339).",
                     "The earliest moment the grant may start (RFC 3339).",
                     "30s to 24h, and no more than the tool class's maxDuration",
                     "duration <string> -required-"):
        assert sentence in text


def test_get_shows_what_a_person_looks_for(kube, grant):
    kube.apply(IDENTITY)
    try:
        lines = kube.kubectl("get", "tg,aid", "-n", "default").stdout.splitlines()
        wide = kube.kubectl("get", "tg,aid", "-n", "default", "-o", "wide").stdout.splitlines()
        grants = [line.split() for line in lines if line.startswith("taskgrant.errand.dev/" + grant)]
    finally:
        kube.delete("AgentIdentity", "triage-bot", "default")
    headers = [line.split() for line in lines if line.startswith("NAME")]
    assert headers == [["NAME", "AGENT", "CLASS", "WORKLOAD", "PHASE", "REASON", "ENDS", "AGE"],
                       ["NAME", "OWNER", "STATE", "ACTIVE", "READY", "AGE"]]
    assert grants[0][1:4] == ["triage-bot", "planner", "fix"]
    identity, = [line.split() for line in lines if line.startswith("agentidentity.errand.dev/triage-bot")]
    assert identity[1:3] == ["sre@example.com", "Enabled"]
    more = {word for line in wide if line.startswith("NAME") for word in line.split()}
    assert more >= {"KIND", "RISK", "REFERENCE", "EXPIRES"}


def test_grants_are_found_by_field(kube, grant):
    found = kube.list("TaskGrant", "default", fields="spec.agentIdentityRef.name=triage-bot,spec.toolClass=planner")
    assert grant in [item["metadata"]["name"] for item in found]
    assert not kube.list("TaskGrant", "default", fields="spec.agentIdentityRef.name=other")
