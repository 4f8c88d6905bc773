"""A record of a grant whose end is confirmed holds up no deletion, and a deleted namespace goes once an operator is back."""
import pytest
from support import agents
from support.agents import confirmed, in_phase
from support.kube import ApiError
from support.processes import Installation

NS = "released"


@pytest.fixture(scope="module", name="own")
def fixture_own():
    """A cluster of this module's own: its operators come and go."""
    with Installation.of_its_own() as installed:
        installed.enroll(NS, roles=("reader",))
        yield installed


@pytest.fixture(scope="module", name="away")
def fixture_away(own):
    """A grant that ended with the proof and one that is Active; the operator has ended since."""
    kube = own.kube
    operator = own.start_operator()
    agents.declare(kube, NS)
    for name in ("ended", "held"):
        kube.create(agents.grant(NS, name, f"Job/{name}"))
        kube.create(agents.job(NS, name, name, idle=True))
        kube.wait_for("TaskGrant", name, NS, in_phase("Active"), 30)
    kube.patch("TaskGrant", "ended", NS, {"spec": {"revoke": {"reason": "test"}}})
    kube.wait_for("TaskGrant", "ended", NS, lambda g: confirmed(g) and "finalizers" not in g["metadata"], 40)
    assert kube.get("TaskGrant", "held", NS)["metadata"]["finalizers"] == ["errand.dev/revoke"]
    operator.stop()
    return own


def test_a_record_goes_without_the_operator(away):
    away.kube.kubectl("delete", "taskgrant", "ended", "-n", NS, "--timeout=5s")


def test_a_namespace_that_was_deleted_while_the_operator_was_away_goes_when_it_is_back(away):
    kube = away.kube
    kube.delete("Namespace", NS)
    kube.wait_for("TaskGrant", "held", NS, lambda g: g["metadata"].get("deletionTimestamp"), 30)
    with pytest.raises(ApiError, match="kubectl errand uninstall --without-operator"):
        kube.patch("TaskGrant", "held", NS, {"metadata": {"finalizers": None}})
    operator = away.start_operator(guarded=False)
    try:
        kube.wait_gone("Namespace", NS, None, 60)
    finally:
        operator.stop()
