"""The keys of seals: made by the operator from nothing, followed by the webhook, and changed under living grants."""
import base64
import json
import re
import time

import pytest

import agents
from agents import condition, in_phase
from background import Background
from cluster import Cluster
from kube import ApiError, eventually
from processes import SYSTEM, Installation

SEAL = "errand.dev/seal"
NS = "sealed"


@pytest.fixture(scope="module")
def own():
    """A cluster of this module's own, its Secret errand-seal empty as installation leaves it."""
    with Cluster.start() as cluster:
        installation = Installation(cluster).install()
        installation.kube.patch("Secret", "errand-seal", SYSTEM, {"data": None})
        with Background(installation.mount_seal, 0.3):  # the kubelet's part for the webhook's pods
            yield installation
        installation.stop()


def key_of(grant: dict) -> str:
    return json.loads(grant["metadata"]["annotations"][SEAL])["keyID"]


def accepted(kube) -> int:
    data = kube.get("Secret", "errand-seal", SYSTEM).get("data", {})
    return len(re.findall("BEGIN PUBLIC KEY", base64.b64decode(data.get("accepted.pem", "")).decode()))


def sealing(kube) -> bool:
    try:
        return SEAL in kube.create(agents.grant(NS, "probe"), dry_run=True)["metadata"].get("annotations", {})
    except ApiError as error:
        assert "no key to seal" in error.message
        return False


def test_without_a_key_no_grant_is_admitted_and_the_first_is_made_at_once(own):
    kube = own.kube
    own.mount_seal()
    own.start_webhook("--certificate-reload", "1s")
    own.enroll(NS, roles=("reader",))
    with pytest.raises(ApiError) as refused:
        kube.create(agents.grant(NS, "early"))
    assert "no key to seal who asked with" in refused.value.message and "errand-seal" in refused.value.message
    operator = own.start_operator("--seal-namespace", SYSTEM)
    eventually(lambda: sealing(kube), 20, 0.2, "the webhook has found the first key")
    kube.create(agents.role(NS))
    kube.create(agents.identity(NS))
    kube.create(agents.job(NS, suspend=True))
    kube.create(agents.grant(NS, "first"))
    kube.wait_for("TaskGrant", "first", NS, in_phase("Active"), 20)
    before = kube.get("Secret", "errand-seal", SYSTEM)["data"]
    operator.stop()
    own.start_operator("--seal-namespace", SYSTEM)
    later = {"duration": "10m", "notBefore": "2099-01-01T00:00:00Z"}
    kube.create(agents.grant(NS, "waiting", window=later))
    kube.create(agents.grant(NS, "second", workload="Job/other"))
    kube.create(agents.job(NS, "other", suspend=True))
    kube.wait_for("TaskGrant", "second", NS, in_phase("Active"), 20)
    assert kube.get("Secret", "errand-seal", SYSTEM)["data"] == before, "a restart makes no other key"


def test_keys_change_under_living_grants_and_spent_ones_are_forgotten(own):
    kube = own.kube
    first = key_of(kube.get("TaskGrant", "first", NS))
    own.processes[-1].stop()
    operator = own.start_operator("--seal-namespace", SYSTEM, "--seal-key-duration", "4s", "--seal-settle-time", "4s")
    kube.create(agents.identity(NS, "many", maxActiveGrants=100))
    keys, names, end = set(), [], time.monotonic() + 40
    while time.monotonic() < end and len(keys) < 3:
        name = f"g-{len(names)}"
        keys.add(key_of(kube.create(agents.grant(NS, name, agent="many"))))
        names.append(name)
        time.sleep(0.5)
    assert len(keys) >= 3, "the webhook follows the keys"
    for name in names:
        kube.wait_for("TaskGrant", name, NS, in_phase("Active"), 20)
    for name in ("first", "second"):
        g = kube.get("TaskGrant", name, NS)
        assert g["status"]["phase"] == "Active" and condition(g, "Ready").get("status") == "True", "its key is still accepted"
    operator.stop()
    time.sleep(5)  # until everything has settled, so that the first look after the restart may forget a key
    operator = own.start_operator("--seal-namespace", SYSTEM, "--seal-key-duration", "5s", "--seal-settle-time", "4s")
    kube.patch("TaskGrant", "waiting", NS, {"metadata": {"annotations": {"poke": "1"}}})
    time.sleep(2)
    assert kube.get("TaskGrant", "waiting", NS)["status"]["phase"] == "Scheduled", "its key is still accepted, though the process is another"
    log = operator.log.read_text()
    assert first in log, "the test knows keys by the name that is logged"
    for name in ("first", "second", "waiting", *names):
        kube.patch("TaskGrant", name, NS, {"spec": {"revoke": {"reason": "done"}}})
    # The one that signs, the next, and the one before while pods may still sign with it.
    eventually(lambda: accepted(kube) <= 3, 30, 0.3, "keys that no living grant carries are forgotten")
    kube.create(agents.grant(NS, "last", agent="many"))
    kube.wait_for("TaskGrant", "last", NS, in_phase("Active"), 20)


def test_a_private_key_is_in_no_log(own):
    for process in own.processes:
        assert "PRIVATE KEY" not in process.log.read_text()
