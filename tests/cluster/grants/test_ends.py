"""How a grant's end is said, on a real API server: alike for each phase in which it can end, and once for all."""
import pytest
from support import agents
from support.agents import condition, in_phase
from support.users import CREATE_GRANTS, allow, ours, person

pytestmark = pytest.mark.usefixtures("operator", "webhook")

ACTIVE = ("completed", "failed", "revoked")
NEVER_STARTED = ("expired", "denied")


def test_whoever_waits_for_a_grant_sees_that_it_is_done(kube, namespace, tmp_path):
    ns = namespace
    agents.declare(kube, ns)
    for name in ACTIVE:
        kube.create(agents.job(ns, name, name))
        kube.create(agents.grant(ns, name, f"Job/{name}"))
    kube.create(agents.grant(ns, "expired", "Job/never", window={"duration": "10m", "notAfter": agents.in_seconds(4)}))
    alice = person(kube, ns, "alice", CREATE_GRANTS, ours("request", "bot"))
    alice.create(agents.grant(ns, "denied", "Job/never", window={"duration": "10m", "notBefore": agents.in_seconds(5)}))
    for name in ACTIVE:
        kube.wait_for("TaskGrant", name, ns, in_phase("Active"))
    agents.finish(kube, ns, "completed")
    agents.finish(kube, ns, "failed", "3")
    kube.patch("TaskGrant", "revoked", ns, {"spec": {"revoke": {"reason": "done"}}})
    allow(kube, ns, f"alice.{ns}", CREATE_GRANTS)

    for name in (*ACTIVE, *NEVER_STARTED):
        g = kube.wait_for("TaskGrant", name, ns, in_phase(name.capitalize()))
        assert {of: condition(g, of)["status"] for of in ("Ready", "Stalled", "Active")} == {
            "Ready": "True", "Stalled": "False", "Active": "Unknown" if name in ACTIVE else "False"}, name
        assert {condition(g, of)["observedGeneration"] for of in ("Ready", "Stalled", "Active")} == {g["metadata"]["generation"]}, name
    for name in set((*ACTIVE, *NEVER_STARTED)) - {"revoked"}:
        agents.assert_end_stays(kube, ns, name)
    # kubectl takes a condition as past where its observedGeneration is.
    kube.kubectl("wait", "--for=condition=Ready", "taskgrants.errand.dev", "--all", "-n", ns, "--timeout=5s", "--cache-dir", str(tmp_path))
