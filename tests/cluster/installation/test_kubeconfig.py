"""What a kubeconfig may say, by the real programs at a real API server: contexts, several files,
credential plugins, another server name, and no verification at all."""
import base64
import json
import pathlib
import subprocess

import pytest
from support.cluster import Cluster
from support.kube import eventually
from support.processes import SYSTEM, Installation, Process, free_port, program

NOISE = "plugin-stderr-noise"
PLUGIN = """#!/bin/sh
# The API server refuses what the first run gives.
cd "$(dirname "$0")" || exit 1
echo "%s $WORD" >&2
printf '%%s' "$KUBERNETES_EXEC_INFO" > info
echo run >> runs
token=$(cat token)
[ "$(wc -l < runs)" = 1 ] && token=refused
printf '{"apiVersion":"%s","kind":"ExecCredential","status":{"token":"%%s"}}' "$token"
"""
EXEC = "client.authentication.k8s.io/v1"


@pytest.fixture(scope="module")
def own():
    """A cluster of this module's own: its programs come and go."""
    with Cluster.start() as cluster:
        yield Installation(cluster).install()


@pytest.fixture
def start(own, tmp_path):
    """Starts a program with these arguments, environment and health port, and ends it with the test."""
    started = []

    def run(name: str, *arguments, kubeconfig: str = "") -> Process:
        health = f"127.0.0.1:{free_port()}"
        command = ["env", "-u", "KUBERNETES_SERVICE_HOST", f"KUBECONFIG={kubeconfig}", program(name),
                   "--health-listen", health, *arguments]
        if name == "errand-operator":
            command += ["--no-leader-elect", "--log-level", "debug"]
        else:
            pki = own.cluster.directory / "pki"
            command += ["--listen", f"127.0.0.1:{free_port()}", "--tls-cert-file", pki / "webhook.crt",
                        "--tls-private-key-file", pki / "webhook.key", "--shutdown-delay", "0s"]
        process = Process(f"{tmp_path.name}-{len(started)}", command, own.cluster.directory, health)
        started.append(process)
        return process

    yield run
    for process in started:
        process.stop()


def token(own, account: str = "errand-operator") -> str:
    return own.kube.token_request(account, SYSTEM, seconds=3600)


def kubeconfig(path: pathlib.Path, own, user: dict, current: str = "there", **cluster) -> pathlib.Path:
    """One cluster, user and context called `there`; None takes a field of the cluster out."""
    ca = base64.b64encode(pathlib.Path(own.kube.ca_file).read_bytes()).decode()
    fields = {"server": own.kube.server, "certificate-authority-data": ca, **cluster}
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": current,
        "clusters": [{"name": "there", "cluster": {k: v for k, v in fields.items() if v is not None}}],
        "users": [{"name": "there", "user": user}],
        "contexts": [{"name": "there", "context": {"cluster": "there", "user": "there"}}]}))
    return path


@pytest.mark.parametrize("name", ["errand-operator", "errand-webhook"])
def test_help_tells_the_order(name):
    text = subprocess.run([program(name), "--help"], capture_output=True, text=True, check=True).stdout
    for word in ("--kubeconfig", "--context", "--insecure-skip-tls-verify", "KUBERNETES_SERVICE_HOST", "$KUBECONFIG"):
        assert word in text


@pytest.mark.parametrize("name", ["errand-operator"])
def test_the_files_of_the_environment_and_a_context(own, start, tmp_path, name):
    """The first file's entries win, so the second's dead cluster of that name is not used."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "token").write_text(token(own, name))
    first = kubeconfig(tmp_path / "first", own, {"tokenFile": "token"}, current="nowhere")
    second = kubeconfig(tmp_path / "sub/second", own, {"token": "refused"}, server="https://127.0.0.1:1")
    files = f"{first}:{tmp_path}/absent:{second}"
    lost = start(name, kubeconfig=files)
    eventually(lambda: not lost.alive, 20, what="it ends")
    assert 'contexts has no entry named \\"nowhere\\"' in lost.tail(3)
    start(name, "--context", "there", kubeconfig=files).wait_ready(60)


def test_a_plugin_gives_the_token_and_is_asked_again_after_a_401(own, start, tmp_path):
    given = token(own)
    (tmp_path / "token").write_text(given)
    plugin = tmp_path / "plugin"
    plugin.write_text(PLUGIN % (NOISE, EXEC))
    plugin.chmod(0o700)
    user = {"exec": {"apiVersion": EXEC, "command": "./plugin", "interactiveMode": "Never", "provideClusterInfo": True,
                     "env": [{"name": "WORD", "value": given}]}}
    process = start("errand-operator", "--kubeconfig", kubeconfig(tmp_path / "config", own, user)).wait_ready(60)
    assert (tmp_path / "runs").read_text() == "run\n" * 2
    info = json.loads((tmp_path / "info").read_text())
    assert info["apiVersion"] == EXEC and info["spec"]["cluster"]["server"] == own.kube.server
    assert base64.b64decode(info["spec"]["cluster"]["certificate-authority-data"]) == \
        pathlib.Path(own.kube.ca_file).read_bytes()
    log = process.log.read_text()
    assert given not in log and NOISE not in log


def test_a_plugin_that_fails_is_named(own, start, tmp_path):
    user = {"exec": {"apiVersion": EXEC, "command": "false", "interactiveMode": "Never"}}
    process = start("errand-operator", "--kubeconfig", kubeconfig(tmp_path / "config", own, user))
    eventually(lambda: "user.exec: false ended with status 1: run it by hand" in process.log.read_text(), 30)
    assert not process.ready()


def test_the_certificate_must_have_the_name_that_was_given(own, start, tmp_path):
    user = {"token": token(own)}
    names = {"good": "kubernetes.default.svc", "bad": "kubernetes.example.com"}
    files = {n: kubeconfig(tmp_path / n, own, user, **{"tls-server-name": name}) for n, name in names.items()}
    bad = start("errand-operator", "--kubeconfig", files["bad"])
    eventually(lambda: "SSL handshake" in bad.log.read_text(), 30)
    assert not bad.ready()
    bad.stop()
    start("errand-operator", "--kubeconfig", files["good"]).wait_ready(60)


def test_no_verification_only_by_its_flag(own, start, tmp_path):
    user = {"token": token(own)}
    unknown = {"certificate-authority-data": None}
    plain = start("errand-operator", "--kubeconfig", kubeconfig(tmp_path / "plain", own, user, **unknown))
    asks = kubeconfig(tmp_path / "asks", own, user, **unknown, **{"insecure-skip-tls-verify": True})
    refused = start("errand-operator", "--kubeconfig", asks)
    eventually(lambda: not refused.alive, 20, what="it ends")
    assert "cluster.insecure-skip-tls-verify: connections without verification are refused" in refused.tail(3)
    eventually(lambda: "SSL handshake" in plain.log.read_text(), 30)
    assert not plain.ready()
    plain.stop()
    process = start("errand-operator", "--insecure-skip-tls-verify", "--kubeconfig", asks).wait_ready(60)
    assert "CERTIFICATE IS NOT VERIFIED" in process.log.read_text()
