"""Steps of a developer who would read other pods' tokens by the node's files.

Two ways that work where nothing is enrolled, which the real node shows: a link in a folder of the node that the container
runtime follows for the next pod's volume, and a log that is a link, which the kubelet follows for `kubectl logs`. What
they reach here is the uid of another pod, from a file that lies beside that pod's token.
"""
import pathlib

from stage import NAMESPACE, Stage, say
from support.kube import ApiError, Kube, eventually
from support.users import HOME, RBAC, user

TOOLS, FREE = "tools", "free"  # enrolled without Pod Security, and not at all
IMAGE = "localhost/busybox:1"


def a_developer_reaches_no_token_by_the_nodes_files(stage: Stage) -> None:
    """A developer with `edit` leaves no link for the runtime or the kubelet to follow: every such pod is refused"""
    stage.installation.enroll(TOOLS, settle=True)
    developer = _developer(stage, TOOLS)
    victim = _victim(stage)
    for body in (_linker(stage, victim), _reader(stage, victim), _logger(stage, victim)):
        for kind in ("Pod", "Job"):
            message = _refusal(developer, _job(body) if kind == "Job" else body)
            assert "[SC201]" in message, message
        say(message.splitlines()[0])
    assert not stage.kube.list("Pod", TOOLS), "a pod was made all the same"
    if stage.cluster.real:
        _where_nothing_is_enrolled_it_works(stage, victim)


def a_file_of_the_node_stays_as_it_is(stage: Stage) -> None:
    """What may be mounted, /etc/localtime read-only, cannot be written, replaced or led elsewhere"""
    developer = _developer(stage, TOOLS)
    before = pathlib.Path("/etc/localtime").read_bytes()
    tries = "for t in 'echo x > /host' 'rm -f /host' 'ln -sf /proc/1/environ /host' 'mv /bin/sh /host' 'mount -o remount,rw /host'; do"
    body = _pod("clock", f"{tries} (eval \"$t\") 2>/dev/null && echo \"did $t\"; done; echo tried; sleep 3600", "/etc/localtime", readOnly=True)
    assert "[SC201]" in _refusal(developer, _pod("clock", "true", "/etc/localtime"))
    developer.create(body, TOOLS, dry_run=not stage.cluster.real)
    if not stage.cluster.real:
        return
    try:
        eventually(lambda: "tried" in _logs(stage, TOOLS, "clock"), 60, 0.5, "the pod has tried")
        said = _logs(stage, TOOLS, "clock")
        assert "did" not in said, said
        assert pathlib.Path("/etc/localtime").read_bytes() == before
    finally:
        if pathlib.Path("/etc/localtime").read_bytes() != before:
            pathlib.Path("/etc/localtime").write_bytes(before)
        stage.kube.delete("Pod", "clock", TOOLS)
    say("root in the container could neither write it, nor put a link in its place")


def _where_nothing_is_enrolled_it_works(stage: Stage, victim: dict) -> None:
    """Else the refusals would show nothing."""
    stage.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": FREE}})
    eventually(lambda: stage.kube.find("ServiceAccount", "default", FREE), what="the default account")
    uid = victim["metadata"]["uid"]
    link = pathlib.Path(_log_folder(stage)) / "link"
    try:
        stage.kube.create(_linker(stage, victim), FREE)
        eventually(link.is_symlink, 60, 0.2, "the first pod has left a link")
        stage.kube.create(_reader(stage, victim), FREE)
        eventually(lambda: uid in _logs(stage, FREE, "reader"), 60, 0.5, "the runtime followed it for the second")
        stage.kube.create(_logger(stage, victim), FREE)
        eventually(lambda: uid in _logs(stage, FREE, "logger"), 60, 0.5, "the kubelet followed a log that is a link")
    finally:
        link.unlink(missing_ok=True)
        stage.kube.delete("Namespace", FREE)
    say("in a namespace that takes no part both reached the other pod's files on this node")


def _developer(stage: Stage, namespace: str) -> Kube:
    name = f"developer-{namespace}"
    if stage.kube.find("ServiceAccount", name, HOME):
        return stage.kube.with_token(stage.kube.token_request(name, HOME, seconds=3600))
    client = user(stage.kube, namespace, "developer")
    stage.kube.create({"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": "developers", "namespace": namespace},
                       "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "edit"},
                       "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": HOME}]})
    eventually(lambda: stage.kube.find("ServiceAccount", "default", namespace), what="the default account")
    eventually(lambda: client.list("Pod", namespace) is not None, what="the developer may edit")
    return client


def _victim(stage: Stage) -> dict:
    """Another's running pod, with its uid in a file beside its token."""
    body = _pod("victim", "sleep 3600", None)
    sources = [{"downwardAPI": {"items": [{"path": "uid", "fieldRef": {"fieldPath": "metadata.uid"}}]}},
               {"serviceAccountToken": {"path": "token", "audience": "tool.example", "expirationSeconds": 600}}]
    body["spec"]["volumes"] = [{"name": "held", "projected": {"sources": sources}}]
    body["spec"]["containers"][0]["volumeMounts"] = [{"name": "held", "mountPath": "/held"}]
    made = stage.kube.create(body, NAMESPACE)
    file = stage.cluster.volume(made, "held") / "uid"
    eventually(file.exists, 60, 0.2, "the other pod's files are there")
    return made


def _held(stage: Stage, victim: dict) -> str:
    """The victim's file, below the folder of all pods of the kubelet."""
    return f"{victim['metadata']['uid']}/volumes/kubernetes.io~projected/held/uid"


def _pods_of_kubelet(stage: Stage) -> str:
    return str(stage.cluster.directory / "real/kubelet/pods")


def _log_folder(stage: Stage) -> str:
    """The node's /var/log. The kubelet cleans its subfolder pods each minute, so a link there would disappear."""
    return str(stage.cluster.directory / "real/logs")


def _logs_of_pods(stage: Stage) -> str:
    """The node's /var/log/pods."""
    return _log_folder(stage) + "/pods"


def _linker(stage: Stage, _victim: dict) -> dict:
    return _pod("linker", f"ln -sfn {_pods_of_kubelet(stage)} /host/link; sleep 3600", _log_folder(stage))


def _reader(stage: Stage, victim: dict) -> dict:
    return _pod("reader", f"cat /host/{_held(stage, victim)}; echo; sleep 3600", _log_folder(stage) + "/link", readOnly=True)


def _logger(stage: Stage, victim: dict) -> dict:
    target = f"{_pods_of_kubelet(stage)}/{_held(stage, victim)}"
    body = _pod("logger", f"ln -sfn {target} /host/*_logger_$UID/c/0.log; sleep 3600", _logs_of_pods(stage))
    body["spec"]["containers"][0]["env"] = [{"name": "UID", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}]
    return body


def _pod(name: str, command: str, path: str | None, **mount) -> dict:
    container = {"name": "c", "image": IMAGE, "imagePullPolicy": "Never", "command": ["/bin/sh", "-c", command]}
    spec = {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0, "containers": [container]}
    if path:
        container["volumeMounts"] = [{"name": "host", "mountPath": "/host", **mount}]
        spec["volumes"] = [{"name": "host", "hostPath": {"path": path}}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def _job(body: dict) -> dict:
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": body["metadata"],
            "spec": {"template": {"spec": {**body["spec"], "restartPolicy": "Never"}}}}


def _refusal(client: Kube, body: dict) -> str:
    try:
        client.create(body, TOOLS)
    except ApiError as error:
        assert error.status == 403, error
        return error.message
    raise AssertionError(f"{body['kind']} {body['metadata']['name']} was admitted")


def _logs(stage: Stage, namespace: str, name: str) -> str:
    done = stage.kube.kubectl("-n", namespace, "logs", name, check=False)
    return done.stdout + done.stderr
