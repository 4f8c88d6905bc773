"""What the API server takes and refuses of our kinds: one object each, and edits of it.

An edit is a path of keys and indices separated by `/`, and the value to put
there; `+` appends to a list.
"""
import copy
import datetime

IDENTITY = {
    "apiVersion": "errand.dev/v1alpha1", "kind": "AgentIdentity",
    "metadata": {"name": "triage-bot", "namespace": "default"},
    "spec": {"owner": "sre@example.com", "toolClasses": [
        {"name": "planner", "risk": "High", "maxDuration": "1h", "slot": {"secretName": "errand-planner"},
         "access": {"roles": [{"name": "reader"}], "secrets": [{"name": "api-key"}],
                    "audiences": [{"name": "https://mcp.example.com", "file": "mcp"}]}}]}}
GRANT = {
    "apiVersion": "errand.dev/v1alpha1", "kind": "TaskGrant",
    "metadata": {"name": "inc-1", "namespace": "default"},
    "spec": {"agentIdentityRef": {"name": "triage-bot"}, "toolClass": "planner",
             "task": {"intent": "Restart checkout", "risk": "Low"},
             "workload": {"kind": "Job", "name": "fix"}, "window": {"duration": "15m"}}}
EXEMPTION = {
    "apiVersion": "errand.dev/v1alpha1", "kind": "Exemption",
    "metadata": {"name": "old-web", "namespace": "default"},
    "spec": {"owner": "sre@example.com", "reason": "until moved", "rules": [{"name": "SC202"}],
             "podSelector": {"matchLabels": {"app": "web"}},
             "expiresAt": (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=89)).strftime("%Y-%m-%dT%H:%M:%SZ")}}

LABEL = "use a DNS label of at most 40 characters without dots"
SLOTS = "two tool classes share a slot"
SELECTOR = "In and NotIn need values; Exists and DoesNotExist take none"
MINIMUM = "minimumRisk is above risk"
FILES = "two audiences write the same file"
FILE_IS_SECRET = "an audience's file has the name of a leased Secret"
OUR_AUDIENCE = "audiences under errand.dev/ are kept"
FILE = "this file name is taken"
SECRET = "or like a file of the credential directory is never leased"
DURATION = "write hours, minutes and seconds such as 15m or 1h30m, from 30s to 24h"
SLOT = "names beginning with errand-g. and errand-a. belong to grants and agents"
OWN_PARENT = "a grant cannot be its own parent"
MODE = "use delivery mode Slot for a Deployment or StatefulSet"
KEYS = "keys are 1 to 63 letters, digits"
LEASED = "a Secret named errand-* is never leased"
WINDOW = "notAfter must be later than notBefore"

CONTROL = "has a control character, or one that turns the direction of writing"
KINDS = {"identity": IDENTITY, "grant": GRANT, "exemption": EXEMPTION}
TEXTS = {"identity": ("spec/owner", "spec/description"), "exemption": ("spec/owner", "spec/reason"),
         "grant": ("spec/task/intent", "spec/task/reference", "spec/revoke/reason")}  # shown to people, in terminals too

NOTHING = "nothing is exempt; name pods by podSelector"
NAMED_SECRETS = "SC106 is exempt for named Secrets alone"
EVERY_POD = "an empty podSelector would exempt every pod"
OUR_SECRET = "a Secret named errand-* is mounted by its own tool class alone"

CLASS = "spec/toolClasses/0/"
OTHER_CLASS = {"name": "acting", "risk": "High", "maxDuration": "15m"}
NOON, LATER = "2030-01-01T12:00:00Z", "2030-01-01T12:00:01Z"


def _each(base, path, values, *message):
    return [(base, [(path, value)], *message) for value in values]


def _expression(**fields):
    return ("spec/podSelector", {"matchExpressions": [{"key": "app", **fields}]})


ACCEPTED = [
    (IDENTITY, []), (GRANT, []),
    *_each(IDENTITY, "metadata/name", ["a" * 40]),
    *_each(GRANT, "metadata/name", ["9" * 40]),
    *_each(IDENTITY, CLASS + "maxDuration", ["30s", "24h", "1h30m", "90m", "23h59m60s"]),
    *_each(GRANT, "spec/window/duration", ["30s", "24h"]),
    *_each(IDENTITY, CLASS + "minimumRisk", ["Low", "Medium", "High"]),
    *_each(IDENTITY, CLASS + "slot/secretName", ["errand-a-b", "errand-gx", "errand-x.y"]),
    *_each(IDENTITY, CLASS + "access/audiences/0/file", ["a.b_C-1", ".x", "api-keys"]),
    *_each(IDENTITY, CLASS + "access/secrets/0/name", ["x.y", "errands"]),
    (IDENTITY, [("spec/toolClasses/+", {**OTHER_CLASS, "slot": {"secretName": "errand-acting"}})]),
    (IDENTITY, [(CLASS + "access/audiences/+", {"name": "other", "file": "other"})]),
    (IDENTITY, [_expression(operator="In", values=["x"])]),
    (IDENTITY, [_expression(operator="Exists")]),
    (GRANT, [("spec/parentRef", {"name": "inc-2", "relation": "StepUp"})]),
    *[(GRANT, [("spec/workload/kind", kind), ("spec/delivery", {"mode": "Slot"})])
      for kind in ("Job", "Pod", "Deployment", "StatefulSet")],
    *_each(GRANT, "spec/workload/kind", ["Pod"]),
    *_each(GRANT, "spec/task/attributes", [{"environment": "prod"}, {"a/b": ""}, {"x" * 63: "y"}]),
    *_each(GRANT, "spec/access", [{"secrets": [{"name": "api-key"}]}]),
    *_each(GRANT, "spec/task/intent", ["first\n\tsecond\n", "\u00e9 \u65e5\u672c"]),
    (GRANT, [("spec/window/notBefore", NOON), ("spec/window/notAfter", LATER)]),
    (EXEMPTION, []),
    (EXEMPTION, [("spec/objects", [{"kind": "Secret", "name": "ci"}, {"kind": "Secret", "name": "cd"}])]),
    (EXEMPTION, [("spec/rules/+", {"name": "SC106"}), ("spec/secrets", [{"name": "web-tls"}])]),
]

REFUSED = [
    *_each(IDENTITY, "metadata/name", ["a" * 41, "a.b"], LABEL),
    *_each(GRANT, "metadata/name", ["a" * 41, "a.b"], LABEL),
    *_each(IDENTITY, CLASS + "maxDuration", ["29s", "24h1s", "", "10", "1d", "-1h", "0h", "99h"], DURATION),
    *_each(GRANT, "spec/window/duration", ["29s", "25h", "15"], DURATION),
    (IDENTITY, [(CLASS + "minimumRisk", "Critical")], MINIMUM),
    (IDENTITY, [(CLASS + "minimumRisk", "High"), (CLASS + "risk", "Medium")], MINIMUM),
    (IDENTITY, [(CLASS + "minimumRisk", "Medium"), (CLASS + "risk", "Low")], MINIMUM),
    *_each(IDENTITY, CLASS + "slot/secretName", ["errand-g.x", "errand-a.x"], SLOT),
    *_each(IDENTITY, CLASS + "slot/secretName", ["errand-", "planner"], "should match"),
    *_each(IDENTITY, CLASS + "access/audiences/0/file",
           ["token", "ca.crt", "namespace", "kubeconfig", "expires-at", ".", "..", "..data"], FILE),
    *_each(IDENTITY, CLASS + "access/audiences/0/file", ["a/b", "a b"], "should match"),
    *_each(IDENTITY, CLASS + "access/audiences/0/name", ["errand.dev/probe"], OUR_AUDIENCE),
    *_each(IDENTITY, CLASS + "access/secrets/0/name", ["errand-planner", "token", "ca.crt"], SECRET),
    (IDENTITY, [("spec/toolClasses/+", {**OTHER_CLASS, "slot": {"secretName": "errand-planner"}})], SLOTS),
    (IDENTITY, [("spec/toolClasses/+", {**OTHER_CLASS, "name": "planner"})], "Duplicate value"),
    (IDENTITY, [(CLASS + "access/audiences/+", {"name": "other", "file": "mcp"})], FILES),
    *_each(IDENTITY, CLASS + "access/audiences/0/file", ["api-key", "api-key.x"], FILE_IS_SECRET),
    (IDENTITY, [_expression(operator="In")], SELECTOR),
    (IDENTITY, [_expression(operator="Exists", values=["x"])], SELECTOR),
    (GRANT, [("spec/parentRef", {"name": "inc-1", "relation": "StepUp"})], OWN_PARENT),
    *_each(GRANT, "spec/workload/kind", ["Deployment", "StatefulSet"], MODE),
    *_each(GRANT, "spec/task/attributes", [{"": "x"}, {"-x": "y"}, {"x" * 64: "y"}], KEYS),
    *_each(GRANT, "spec/access", [{"secrets": [{"name": "errand-planner"}]}], LEASED),
    (GRANT, [("spec/window/notBefore", NOON), ("spec/window/notAfter", NOON)], WINDOW),
    (GRANT, [("spec/task", {"intent": "Restart checkout"})], "spec.task.risk: Required value"),
    (GRANT, [("spec/revoke", {})], "spec.revoke.reason: Required value"),
    *_each(EXEMPTION, "metadata/name", ["a" * 41, "a.b"], LABEL),
    *_each(EXEMPTION, "spec/rules/0/name", ["SC104", "SC105", "SC111", "SC190", "SC404", "SC405", "SC501", "SC502", "SC503", "*"],
           "spec.rules[0].name: Unsupported value"),
    (EXEMPTION, [("spec/rules/+", {"name": "SC202"})], "Duplicate value"),
    (EXEMPTION, [("spec/rules", [])], "spec.rules"),
    (EXEMPTION, [("spec/podSelector", None)], NOTHING),
    *_each(EXEMPTION, "spec/podSelector", [{}, {"matchLabels": {}}, {"matchExpressions": []}], EVERY_POD),
    (EXEMPTION, [_expression(operator="In")], SELECTOR),
    (EXEMPTION, [("spec/rules/+", {"name": "SC106"})], NAMED_SECRETS),
    (EXEMPTION, [("spec/secrets", [{"name": "web-tls"}])], NAMED_SECRETS),
    (EXEMPTION, [("spec/rules/+", {"name": "SC106"}), ("spec/secrets", [{"name": "errand-a"}])], OUR_SECRET),
    (EXEMPTION, [("spec/expiresAt", "tomorrow")], "spec.expiresAt"),
    (EXEMPTION, [("spec/owner", "")], "spec.owner"),
    *[(KINDS[kind], [(path, value)], CONTROL) for kind, paths in TEXTS.items() for path in paths
      for value in ("a\x1b[2Jb", "a\u202eb", "a\x00b")],
    (GRANT, [("spec/task/attributes", {"environment": "prod\x1b[8m"})], "a value has a control character"),
]

# Merge patches of the spec of GRANT, each of another field.
CHANGES = [
    {"agentIdentityRef": {"name": "other"}}, {"toolClass": "other"}, {"task": {"intent": "x"}},
    {"task": {"reference": "x"}}, {"workload": {"name": "x"}}, {"access": {}}, {"access": {"roles": [{"name": "x"}]}},
    {"window": {"duration": "16m"}}, {"window": {"notAfter": NOON}}, {"delivery": {"mode": "Slot"}},
    {"parentRef": {"name": "x", "relation": "Delegation"}}, {"ttlSecondsAfterFinished": 1},
]


def edited(base: dict, edits: list[tuple[str, object]]) -> dict:
    result = copy.deepcopy(base)
    for path, value in edits:
        *parents, last = path.split("/")
        at = result
        for key in parents:
            at = at[int(key)] if isinstance(at, list) else at.setdefault(key, {})
        if last == "+":
            at.append(value)
        else:
            at[int(last) if isinstance(at, list) else last] = value
    return result


def exemption(*edits) -> dict:
    made = edited(EXEMPTION, list(edits))
    del made["metadata"]["namespace"]
    return made
