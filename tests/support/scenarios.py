"""The ways in which a grant lives and ends in the demo, each in a namespace of its own."""
import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator

from support import agents
from support.agents import condition, confirmed, in_phase
from support.kube import Kube, eventually
from support.processes import Installation
from support.proxy import FaultProxy

CONVERGES = 30  # seconds


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    workload: str  # Job/fix or Deployment/serve
    phase: str  # in which it ends; empty: the grant is gone
    end: Callable[[Kube, str], None]
    spec: dict = dataclasses.field(default_factory=dict)
    stalls: bool = False
    under: bool = False  # delegated by a grant "above", by whose end it ends

    @property
    def slot(self) -> bool:
        return self.workload.startswith("Deployment")


@dataclasses.dataclass
class Outcome:
    """What one life came to; equal for the undisturbed one and each that was disturbed."""
    active: list[str]  # kinds of what the grant owned while Active
    left: list[str]  # what is left of it
    phase: str
    because: str


def _finish(code: str):
    return lambda kube, ns: agents.finish(kube, ns, "fix", code)


def _revoke(kube: Kube, ns: str) -> None:
    kube.patch("TaskGrant", "task", ns, {"spec": {"revoke": {"reason": "test"}}})


def _revoke_parent(kube: Kube, ns: str) -> None:
    kube.patch("TaskGrant", "above", ns, {"spec": {"revoke": {"reason": "test"}}})


def _suspend(kube: Kube, ns: str) -> None:
    kube.patch("AgentIdentity", "bot", ns, {"spec": {"state": "Suspended"}})


def _delete(kube: Kube, ns: str) -> None:
    kube.delete("TaskGrant", "task", ns)


SCENARIOS = [
    Scenario("slot-revoked", "Deployment/serve", "Revoked", _revoke),
    Scenario("job-completed", "Job/fix", "Completed", _finish("0")),
    Scenario("job-failed", "Job/fix", "Failed", _finish("1")),
    Scenario("slot-expired", "Deployment/serve", "Expired", lambda kube, ns: time.sleep(30), {"window": {"duration": "30s"}}),
    Scenario("agent-suspended", "Deployment/serve", "Revoked", _suspend, {"access": agents.ACCESS}),
    Scenario("job-revoked", "Job/fix", "Revoked", _revoke),
    Scenario("lease-revoked", "Job/fix", "Revoked", _revoke,
             {"access": {"roles": [{"name": "reader"}], "secrets": [{"name": "ticketing"}]}}),
    Scenario("parent-revoked", "Deployment/serve", "Revoked", _revoke_parent,
             {"parentRef": {"name": "above", "relation": "Delegation"}}, under=True),
    Scenario("grant-deleted", "Deployment/serve", "", _delete),
    Scenario("beyond-the-ceiling", "Job/fix", "", _delete, {"access": {"roles": [{"name": "unlisted"}]}}, stalls=True),
]


@contextlib.contextmanager
def behind_a_proxy() -> Iterator[tuple[Installation, Kube, FaultProxy]]:
    """A cluster of its own with a webhook, for it fails closed, and whose policies an operator has once found in force;
    the proxy stands ready for the next one."""
    with Installation.of_its_own() as installation:
        installation.start_operator().stop()
        with FaultProxy(installation.cluster) as proxy:
            yield installation, installation.kube, proxy


def prepare(installation, ns: str) -> None:
    installation.enroll(ns, roles=("reader",))
    installation.kube.create(agents.role(ns))
    installation.kube.create(agents.identity(ns))
    installation.kube.create(agents.leasable(ns))


def begin(kube: Kube, ns: str, scenario: Scenario) -> dict:
    """The grant once it is Active, or once it says why it cannot be."""
    if scenario.under:
        kube.create(agents.job(ns, idle=True))
        kube.create(agents.grant(ns, "above"))
    kube.create(agents.deployment(ns) if scenario.slot else agents.job(ns, grant_name="task"))
    kube.create(agents.grant(ns, "task", scenario.workload, "Slot" if scenario.slot else "Projected", **scenario.spec))
    if scenario.stalls:
        return kube.wait_for("TaskGrant", "task", ns, lambda g: condition(g, "Stalled").get("status") == "True", CONVERGES)
    # A short window may be over before anyone has looked.
    return kube.wait_for("TaskGrant", "task", ns, in_phase("Active", "Expired"), CONVERGES)


def live(kube: Kube, ns: str, scenario: Scenario) -> Outcome:
    """One grant from its creation until nothing is left of it. Raises Timeout where that takes over CONVERGES."""
    grant = begin(kube, ns, scenario)
    active, token = [], None
    if not scenario.stalls and grant["status"]["phase"] == "Active":
        active = [name.split("/")[0] for name in agents.owned(kube, ns, grant)]
        if scenario.slot and (secret := kube.find("Secret", "errand-bot-fixer", ns)):
            token = agents.base64.b64decode(secret["data"]["token"]).decode()
    scenario.end(kube, ns)
    phase = because = ""
    if scenario.phase:
        status = kube.wait_for("TaskGrant", "task", ns, in_phase(scenario.phase), CONVERGES)["status"]
        phase, because = status["phase"], status["endedBecause"]
    eventually(lambda: not agents.owned(kube, ns, grant), CONVERGES, what=f"nothing is left of {ns}/task")
    if token:
        agents.refused_within(kube, token, 12)
    return Outcome(active, agents.owned(kube, ns, grant), phase, because)


def wait_confirmed(kube: Kube, ns: str, seconds: float = 45) -> str:
    """How the end was proved."""
    return kube.wait_for("TaskGrant", "task", ns, confirmed, seconds)["status"]["revocation"]["confirmedBy"]
