"""`kubectl errand report -A` on clusters in which nobody has done anything yet: it finds nothing and exits with 0."""
import json
import subprocess

import pytest
from support.cluster import Cluster
from support.processes import Installation, program


@pytest.fixture(name="fresh", scope="module")
def fixture_fresh():
    """A cluster of this module's own: other tests leave objects in theirs."""
    with Cluster.start() as started:
        yield started


def report(cluster: Cluster, *arguments: str) -> tuple[int, dict]:
    done = subprocess.run([program("kubectl-errand"), "report", "--kubeconfig", cluster.kube.kubeconfig, "-A", "--format", "json", *arguments],
                          capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_before_errand_is_installed(fresh):
    code, found = report(fresh)
    assert (code, found["findings"], found["broken"]) == (0, [], [])


def test_with_errand_installed_and_nothing_of_a_user(fresh):
    installation = Installation(fresh).install()
    try:
        code, found = report(fresh)
        assert (code, found["findings"], found["broken"]) == (0, [], [])
        installation.start_webhook()
        installation.enroll("agents")
        code, found = report(fresh)
        assert (code, found["findings"], found["broken"]) == (0, [], []), "an enrolled namespace without agents"
        assert found["objects"] > 0, "the objects of the enrolment are checked"
    finally:
        installation.stop()
