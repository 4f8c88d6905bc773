"""The webhook's server while it is attacked: legitimate requests are answered as before, and nothing is left behind."""
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

import pytest
from support.background import Background
from support.front import Answer, Front, post, review
from support.kube import eventually

pytestmark = pytest.mark.alone
WHOLE = os.environ.get("ERRAND_FAULTS") == "whole"
SCALE, SECONDS = (1, 20) if WHOLE else (0.25, 8)


class Probe(Background):
    """A legitimate client that asks 50 times a second, on a kept connection and each tenth time on another one."""

    def __init__(self, front: Front):
        super().__init__(self._ask, 0.02)
        self.front, self.times, self.failures = front, [], []
        self.peak = front.resident_mib()
        self._request, self._kept, self._number = post("/validate", review()), front.connect(), 0

    def _ask(self):
        self._number += 1
        begun = time.monotonic()
        try:
            if self._number % 10 == 0:
                assert self.front.ask(self._request).status == 200
            else:
                self._kept.sendall(self._request)
                assert Answer(self._kept).status == 200
        except (OSError, AssertionError) as error:
            self.failures.append(repr(error))
            self._kept = self.front.connect()
        self.times.append(time.monotonic() - begun)
        self.peak = max(self.peak, self.front.resident_mib())

    def stop(self):
        super().stop()
        self._kept.close()

    def p99(self) -> float:
        return sorted(self.times)[int(len(self.times) * 0.99)]


@pytest.fixture(name="front", scope="module")
def fixture_front(installation):
    pki = installation.cluster.directory / "pki"
    started = Front(installation, "webhook-attacked", pki / "webhook.crt", pki / "webhook.key")
    yield started
    assert started.process.stop() == 0


def limit_hits(front: Front) -> dict[str, float]:
    text = front.health_of("/metrics")[1]
    lines = [line for line in text.splitlines() if line.startswith('errand_http_limit_hits_total{') and 'admission' in line]
    return {line.partition('limit="')[2].partition('"')[0]: float(line.rpartition(" ")[2]) for line in lines}


def quiet_probe(front: Front) -> Probe:
    with Probe(front) as warming:
        time.sleep(1)
    assert not warming.failures
    with Probe(front) as quiet:
        time.sleep(SECONDS)
    assert not quiet.failures
    return quiet


def attacked(front: Front, *arguments: str) -> tuple[Probe, dict]:
    # Gently, so that the attacker's own use of these cores is not what the probe measures; more gently, and on a
    # busy machine it would be too slow to do harm.
    command = ["nice", "-n", "5", sys.executable, str(pathlib.Path(__file__).with_name("attack.py")),
               front.address[0], str(front.address[1]), "--seconds", str(SECONDS), *arguments]
    with Probe(front) as probe, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attack:
        report, _ = attack.communicate(timeout=SECONDS + 90)
        assert attack.returncode == 0
    return probe, json.loads(report)


def test_an_attack_changes_nothing_for_others(front):
    quiet = quiet_probe(front)
    before, descriptors = front.resident_mib(), len(front.descriptors())
    probe, outcomes = attacked(front, "--scale", str(SCALE))
    ended = time.monotonic()
    eventually(lambda: front.connections() == 0, 10, what="everything bad is gone")
    figures = {"quiet p99 ms": round(quiet.p99() * 1e3, 2), "attacked p99 ms": round(probe.p99() * 1e3, 2),
               "requests": len(probe.times), "RSS MiB before": round(before, 1), "RSS MiB peak": round(probe.peak, 1),
               "gone after s": round(time.monotonic() - ended, 1), "attack": outcomes,
               "limit hits": {k: v for k, v in limit_hits(front).items() if v}}
    print(json.dumps(figures))
    assert not probe.failures, (probe.failures[:3], figures)
    assert probe.peak - before <= 32, figures
    # 5 ms is what this Python client's own jitter comes to.
    assert probe.p99() <= 2 * max(quiet.p99(), 0.005), figures
    eventually(lambda: len(front.descriptors()) <= descriptors, 5, what="no descriptor is lost")
    assert not any("still open" in kind for kind in outcomes.values()), figures
    assert set(outcomes["bad_chunks"]) == {"made", "400,400,400,431"}, figures
    assert set(outcomes["huge_body"]) <= {"made", "411", "closed"}, figures
    assert set(outcomes["huge_header"]) <= {"made", "431", "closed"}, figures
    assert {"handshake_time", "header_time", "body_time", "header_bytes", "body_bytes"} <= set(figures["limit hits"])


def test_a_crowd_from_many_sources_keeps_nobody_out(installation):
    """Eight sources want twice the places that there are, for as long as they like: the probe's further connections,
    each tenth request has one, get theirs."""
    each = 256 if WHOLE else 64
    pki = installation.cluster.directory / "pki"
    front = Front(installation, "webhook-crowded", pki / "webhook.crt", pki / "webhook.key", "0s",
                  "--max-connections", str(4 * each), "--max-connections-per-source", str(each),
                  "--handshake-timeout", "60s")
    quiet = quiet_probe(front)
    before = limit_hits(front)
    probe, outcomes = attacked(front, "--sources", "8", "--each", str(each))
    hits = {name: count - before.get(name, 0) for name, count in limit_hits(front).items()}
    figures = {"quiet p99 ms": round(quiet.p99() * 1e3, 2), "crowded p99 ms": round(probe.p99() * 1e3, 2),
               "requests": len(probe.times), "crowd": outcomes["crowd"], "limit hits": {k: v for k, v in hits.items() if v}}
    print(json.dumps(figures))
    assert not probe.failures, (probe.failures[:3], figures)
    assert hits["connections_evicted"] > 0, figures
    assert probe.p99() <= 2 * max(quiet.p99(), 0.005), figures
    eventually(lambda: front.connections() == 0, 10, what="the crowd is gone")
    assert front.process.stop() == 0


def test_a_lack_of_descriptors_ends_with_it(front):
    usual = resource.prlimit(front.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(front.process.pid, resource.RLIMIT_NOFILE, (len(front.descriptors()) + 20, usual[1]))
    crowd = [front.tcp() for _ in range(100)]
    eventually(lambda: any(line["msg"] == "cannot accept" for line in front.log()), 5, what="the shortage is logged")
    for connection in crowd:
        connection.close()
    eventually(lambda: front.connections() == 0, 10, what="every descriptor is given back")
    front.assert_serves()
    resource.prlimit(front.process.pid, resource.RLIMIT_NOFILE, usual)
