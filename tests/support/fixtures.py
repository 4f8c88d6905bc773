"""pytest fixtures: one hollow cluster a session, one fresh enrolled namespace a test."""
import os
import uuid

import pytest
from support import agents
from support.cluster import Cluster
from support.processes import Installation

__all__ = ["cluster", "kube", "installation", "operator", "webhook", "namespace", "world", "pytest_runtest_makereport"]


@pytest.fixture(scope="session")
def cluster():
    """A hollow cluster of this session's own; KEEP=1 leaves it running and says where."""
    started = Cluster.start()
    yield started
    if os.environ.get("KEEP") == "1":
        print(f"\nexport KUBECONFIG={started.kube.kubeconfig}")
        return
    started.stop()


@pytest.fixture(scope="session")
def kube(cluster):
    """A client with the administrator's certificate."""
    return cluster.kube


@pytest.fixture(scope="session")
def installation(cluster):
    """manifests/local installed, no process started."""
    installed = Installation(cluster).install()
    yield installed
    installed.stop()


@pytest.fixture(scope="session")
def operator(installation):
    """The operator's process, one for the whole session: a test that kills it starts a cluster of its own."""
    return installation.start_operator()


@pytest.fixture(scope="session")
def webhook(installation):
    """The webhook's process, one for the whole session."""
    return installation.start_webhook()


@pytest.fixture
def namespace(installation, kube):
    """The name of a fresh namespace with label errand.dev/enforce=true, in which the operator may bind the roles
    `reader`, `writer` and the ClusterRole `view`. It is deleted without waiting: that takes the cluster 5 s."""
    name = "t-" + uuid.uuid4().hex[:10]
    installation.enroll(name, roles=("reader", "writer"), cluster_roles=("view",))
    yield name
    kube.delete("Namespace", name)


@pytest.fixture
def world(kube, namespace):
    """That namespace with an identity and its role, ready."""
    agents.declare(kube, namespace)
    return namespace


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows what our processes logged last beside a test that failed."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and "installation" in item.fixturenames and "installation" in item.funcargs:
        for process in item.funcargs["installation"].processes:
            report.sections.append((f"{process.name}: {process.log}", process.tail()))
