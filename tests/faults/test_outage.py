"""etcd or the API server dies under load: few calls while it is gone, work again soon after it is back."""
import collections
import os
import time

import pytest
from support import agents
from support.agents import in_phase
from support.components import Component
from support.kube import ApiError, eventually
from support.proxy import rule
from support.scenarios import behind_a_proxy, prepare

WHOLE = os.environ.get("ERRAND_FAULTS") == "whole"
GRANTS = 40 if WHOLE else 12
AWAY = 12 if WHOLE else 6  # seconds
RECOVERS = 5
CALLS_A_SECOND = 10


@pytest.fixture(scope="module")
def place():
    with behind_a_proxy() as (installation, _, proxy):
        installation.start_operator(server=proxy.url)
        yield installation.cluster, installation, proxy


def busiest(records) -> tuple[float, tuple[str, str]]:
    """The most calls that one object saw in any one second, watches of a collection too, and which it was.
    A review is of no object: those of all grants are shared out among them."""
    times = collections.defaultdict(list)
    for r in records:
        times[r.method, r.path].append(r.arrived)
    most = (0.0, ("", ""))
    for what, moments in times.items():
        moments.sort()
        for i, begin in enumerate(moments):
            inside = sum(1 for t in moments[i:] if t < begin + 1)
            most = max(most, (inside / GRANTS if what[1].endswith("reviews") else inside, what))
    return most


@pytest.mark.parametrize("name", ["kube-apiserver", "etcd"] if WHOLE else ["kube-apiserver"])
def test_dies_under_load_and_comes_back(place, name):
    cluster, installation, proxy = place
    kube, ns = cluster.kube, f"outage-{name}"
    prepare(installation, ns)
    kube.patch("AgentIdentity", "bot", ns, [{"op": "replace", "path": "/spec/toolClasses/0/maxActiveGrants", "value": 64}])
    kube.create(agents.deployment(ns))
    kube.create(agents.job(ns, idle=True))
    for n in range(GRANTS):
        kube.create(agents.grant(ns, f"g{n}"))
    for n in range(GRANTS):
        kube.wait_for("TaskGrant", f"g{n}", ns, in_phase("Active"), 60)

    component = Component(cluster, name)
    proxy.plan(rule("rights", "hold", method="DELETE", path=f".*/{ns}/rolebindings/.*"))
    for n in range(GRANTS):
        kube.patch("TaskGrant", f"g{n}", ns, {"spec": {"revoke": {"reason": "test"}}})
    proxy.wait_held("rights", 20)
    component.kill()  # in the middle of the revocations, none of which has got further
    since = len(proxy.log())
    proxy.plan()
    time.sleep(AWAY)
    returns = time.time()
    component.start()
    eventually(lambda: ready(kube), 60, 0.02, f"{name} is back")
    back = time.monotonic()
    failed = [r for r in proxy.log(since) if r.arrived < returns]
    assert [r for r in failed if r.write], "the operator goes on trying"
    most, what = busiest(failed)
    print(f"{name}: {len(failed)} calls in {AWAY} s, at most {most:g} a second of {what}")
    assert most <= CALLS_A_SECOND, what

    def worked() -> bool:
        return all(r["status"].get("phase") == "Revoked" for r in kube.list("TaskGrant", ns)) and not [
            b for b in kube.list("RoleBinding", ns) if b["metadata"]["name"].startswith("errand-g.")]

    eventually(worked, 60, 0.05, "every revocation is carried out")
    took = time.monotonic() - back
    print(f"{name}: all {GRANTS} revoked {took:.1f} s after its return")
    assert took <= RECOVERS, f"{took:.1f} s"


def ready(kube) -> bool:
    try:
        return kube.raw("GET", "/readyz", timeout=2)[0] == 200 and bool(kube.list("Namespace"))
    except (OSError, ApiError):
        return False
