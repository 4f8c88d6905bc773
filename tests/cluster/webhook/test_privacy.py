"""Nobody reads the memory in which tokens are: neither from a core nor through /proc."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

import pytest
from support.kube import eventually
from support.processes import free_port, program

NOBODY = 65534
STARTED = {"errand-operator": ["--no-leader-elect"],
           "errand-cainjector": ["--no-leader-elect"],
           "errand-webhook": ["--tls-cert-file", "none", "--tls-private-key-file", "none"]}


@pytest.fixture(name="home")
def fixture_home():
    """A directory that any user may enter: pytest's own are of one user."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="errand-privacy-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def metrics(health: str) -> str | None:
    try:
        with urllib.request.urlopen(f"http://{health}/metrics", timeout=5) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError):
        return None


@pytest.mark.parametrize("name", STARTED)
def test_no_core_is_written_and_no_other_process_reads_the_memory(home, name):
    """As an ordinary user: of a process that cannot be dumped, the kernel gives /proc/PID to root. No API server answers."""
    shutil.copy(program(name), home / name)
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "x",
              "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
              "users": [{"name": "u", "user": {"token": "none"}}],
              "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}]}
    (home / "kubeconfig").write_text(json.dumps(config))
    health = f"127.0.0.1:{free_port()}"
    command = [home / name, "--kubeconfig", home / "kubeconfig", "--health-listen", health, *STARTED[name]]
    user = NOBODY if os.geteuid() == 0 else None
    with (home / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, user=user) as process:
        try:
            said = eventually(lambda: metrics(health), what=f"{name} serves (log: {(home / 'log').read_text()})")
            proc = pathlib.Path(f"/proc/{process.pid}")
            assert (proc / "mem").stat().st_uid == 0 and (proc / "environ").stat().st_uid == 0
            limit = next(line for line in (proc / "limits").read_text().splitlines() if line.startswith("Max core file size"))
            assert limit.split()[4:6] == ["0", "0"]
            open_fds = next(line for line in said.splitlines() if line.startswith("process_open_fds "))
            assert float(open_fds.split()[1]) > 3, "it still sees its own descriptors"
        finally:
            process.kill()
