"""A step with a task of its own that has everything open that an agent can hold open, and loses it at each end."""
import datetime
import json
import pathlib
import subprocess
import threading
import time

from stage import Stage, say
from support import agents
from support.agents import condition, in_phase, moment
from support.background import Background
from support.cluster import RIG, binaries
from support.kube import Timeout, eventually

NAMESPACE = "streams"
IMAGE = "localhost/errand-kubectl:1"
GRACE = 1
LONGEST_GRACE = 30  # of the webhook (--longest-grace)
SLACK = 2  # seconds beyond the grace after which nothing may arrive
TICKS = "while :; do date +%s.%N; sleep 0.2; done"
RULES = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]},
         {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
         {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
         {"apiGroups": [""], "resources": ["pods/exec", "pods/portforward"], "verbs": ["get", "create"]},
         # Without this nobody enters a pod of an enrolled namespace (SC502).
         {"apiGroups": ["errand.dev"], "resources": ["agentidentities"], "verbs": ["debug"]}]
# Each writes what it receives to its log; `reader` has what comes through the forwarded port.
STREAMS = {
    "watch": "kubectl get configmaps --watch --output-watch-events -o name",
    "logs": "kubectl logs -f chatty",
    "exec": f"kubectl exec chatty -- /bin/sh -c '{TICKS}'",
    "forward": "kubectl port-forward pod/chatty 8000:8000",
    "reader": "trap exit TERM; while :; do nc 127.0.0.1 8000 & wait $!; sleep 0.2; done",
}


def open_streams_end_with_the_task(stage: Stage) -> None:
    """A task has a watch, a log, a shell and a port open: each end (revoked, window over, suspended) closes them"""
    stage.installation.enroll(NAMESPACE, roles=("streamer",), settle=True)
    kube = stage.kube
    kube.create({**agents.role(NAMESPACE, "streamer"), "rules": RULES})
    kube.create(agents.identity(NAMESPACE, access={"roles": [{"name": "streamer", "dangerous": "Accepted"}]}))
    kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "beat", "namespace": NAMESPACE}})
    if stage.cluster.real:
        _load(stage)
        kube.create(_pod("chatty", {"ticks": TICKS, "port": f"while :; do {{ {TICKS}; }} | nc -l -p 8000; done"}))
        kube.wait_for("Pod", "chatty", NAMESPACE, lambda p: p["status"]["phase"] == "Running", 30)
    if stage.cluster.real:
        _despite_a_probe(stage)
    for end in ("revoked", "window", "suspended"):
        _one(stage, end)


def _despite_a_probe(stage: Stage) -> None:
    """A container that ignores SIGTERM, and whose probe asks for a day of grace: the kubelet would wait for it, and look at no
    deadline meanwhile."""
    kube, name = stage.kube, "open-probe"
    spec = _pod("ignored", {"deaf": f"trap '' TERM; {TICKS}"})["spec"]
    spec["restartPolicy"] = "OnFailure"
    spec["containers"][0]["livenessProbe"] = {"exec": {"command": ["/bin/false"]}, "initialDelaySeconds": 1, "periodSeconds": 1,
                                              "failureThreshold": 1, "terminationGracePeriodSeconds": 86400}
    _begin(kube, name, "10m", spec)
    pod = agents.running_pod(kube, NAMESPACE, name)["metadata"]["name"]
    eventually(lambda: [e for e in kube.list("Event", NAMESPACE) if e["reason"] == "Killing" and e["regarding"]["name"] == pod],
               30, what="the kubelet ends the container by its probe")
    kube.patch("TaskGrant", name, NAMESPACE, {"spec": {"revoke": {"reason": "over"}}})
    began = time.time()
    eventually(lambda: agents.has_ended(kube, NAMESPACE, pod), LONGEST_GRACE + GRACE + 15, what="the pod ends within the longest grace")
    say(f"a pod whose probe asks for a day of grace: ended {time.time() - began:.0f} s after the end")


def _one(stage: Stage, end: str) -> None:
    kube, name = stage.kube, f"open-{end}"
    window = "30s" if end == "window" else "10m"
    grant = _begin(kube, name, window, _pod("ignored", STREAMS if stage.cluster.real else {"watch": "none"})["spec"])
    made = agents.running_pod(kube, NAMESPACE, name)
    seen = {stream: _Follow(stage, made["metadata"]["name"], stream) for stream in STREAMS} if stage.cluster.real else {}
    # A change five times a second, which every watch of the ConfigMap hears.
    beat = Background(lambda: kube.patch("ConfigMap", "beat", NAMESPACE, {"data": {"at": json.dumps(time.time())}}), 0.2).start()
    try:
        for stream, follow in seen.items():
            if stream != "forward":
                try:
                    eventually(lambda f=follow: f.lines > 3, 20)
                except Timeout as error:
                    raise Timeout(f"{stream} delivers no more than {follow.text!r}") from error
        ended = _end(kube, name, end, grant)
        job = kube.wait_for("Job", name, NAMESPACE, lambda j: condition(j, "Failed").get("status") == "True", 20)
        eventually(lambda: agents.has_ended(kube, NAMESPACE, made["metadata"]["name"]), 20, what="its pod has ended")
        time.sleep(SLACK)
    finally:
        beat.stop()
    late = {stream: round(follow.last - ended, 2) for stream, follow in seen.items() if follow.last > ended + GRACE + SLACK}
    assert not late, f"{end}: delivered so many seconds after the end: {late}"
    pods = {p["metadata"]["name"] for p in kube.list("Pod", NAMESPACE, labels=f"job-name={name}")}
    assert pods <= {made["metadata"]["name"]}, f"{end}: the Job has made another pod: {pods}"
    assert job["spec"]["activeDeadlineSeconds"] == 1
    after = ", ".join(f"{stream} {max(0.0, follow.last - ended):.1f} s" for stream, follow in seen.items() if stream != "forward")
    say(f"{end}: the Job is Failed and its pod has ended" + (f"; last delivery after the end: {after}" if after else ""))


def _begin(kube, name: str, window: str, spec: dict) -> dict:
    """Creates a grant and its Job; returns the grant once it is Active."""
    kube.create(agents.grant(NAMESPACE, name, f"Job/{name}", duration=window, access={"roles": [{"name": "streamer"}]}))
    template = {"metadata": {"labels": {"app": "bot", "errand.dev/task-grant": name}}, "spec": spec}
    kube.create({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": NAMESPACE},
                 "spec": {"backoffLimit": 6, "template": template}})
    return kube.wait_for("TaskGrant", name, NAMESPACE, in_phase("Active"), 30)


def _end(kube, name: str, end: str, grant: dict) -> float:
    """Ends it; returns when that was."""
    if end == "window":
        ends = moment(grant["status"]["endsAt"])
        kube.wait_for("TaskGrant", name, NAMESPACE, in_phase("Expired"), 45)
        return ends
    now = time.time()
    if end == "revoked":
        kube.patch("TaskGrant", name, NAMESPACE, {"spec": {"revoke": {"reason": "over"}}})
    else:
        kube.patch("AgentIdentity", "bot", NAMESPACE, {"spec": {"state": "Suspended"}})
    kube.wait_for("TaskGrant", name, NAMESPACE, in_phase("Revoked"), 10)
    return now


def _pod(name: str, commands: dict[str, str]) -> dict:
    containers = [{"name": c, "image": IMAGE, "imagePullPolicy": "Never", "command": ["/bin/sh", "-c", text]} for c, text in commands.items()]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"restartPolicy": "Never", "automountServiceAccountToken": False, "terminationGracePeriodSeconds": GRACE,
                     "containers": containers}}


def _load(stage: Stage) -> None:
    """kubectl and a shell, as an agent's image may have them."""
    archive = pathlib.Path(stage.cluster.directory) / "kubectl.tar"
    shell = pathlib.Path(stage.cluster.directory) / "real" / "bb" / "bin"
    subprocess.run(["python3", RIG / "image.py", archive, IMAGE, '["/bin/sh"]', f"{shell}=bin", f"{binaries() / 'controlplane'}=bin/kubectl"],
                   check=True)
    stage.cluster.load_image(archive)


class _Follow:
    """The log of a container as the administrator reads it: when its last line was written, and how many came."""

    def __init__(self, stage: Stage, pod: str, container: str):
        self.last, self.lines, self.text = 0.0, 0, ""
        self._child = subprocess.Popen([stage.kube.kubectl_path, "--kubeconfig", stage.kube.kubeconfig, "-n", NAMESPACE, "logs", "-f",
                                        "--timestamps", pod, "-c", container], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._child.stdout:
            self.last = datetime.datetime.fromisoformat(line.split(" ", 1)[0][:26].rstrip("Z") + "+00:00").timestamp()
            self.lines += 1
            self.text = line[-300:]
        self._child.wait()
