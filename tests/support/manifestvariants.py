"""Manifests in the many forms that YAML and JSON allow, made from a seed, for comparisons of two readers."""
import json
import random

BREAKS = ["\n", "\n", "\n", "\r\n", "\r", "\u0085", "\u2028", "\u2029"]
SEPARATORS = ["---", "---", "--- ", "---\t", "--- # next", "---\r", "...\n---", "---\n---", " ---", "----", "---x", "--- |", "%YAML 1.1\n---",
              "---\n%YAML 1.2\n---", "...", "# a\n---\n# b", "---\n\ufeff", "\ufeff---", "--- {}", "---\n~", "---\nnull", "---\n[]", "---#", "",
              "--- !!map", "---\n&a", "--- >\n folded"]
# Each may be a value; the name of the variable makes it a credential if it is a string.
SCALARS = ["hunter2plain", "yes", "no", "on", "Off", "y", "n", "true", "~", "null", "''", '""', "0o17", "017", "0x1F", "0b11", "1_000", "8.64e4", "1e3", ".5",
           "5.", "+5", "-0", "1e400", ".inf", "-.INF", ".nan", "123456789012345678901234567890", "9223372036854775808", "18446744073709551616",
           "1:30", "2001-01-01", "2001-01-01T00:00:00Z", "!!str 5", "!!str yes", "!!int '5'", "!!float 5", "!!bool 'yes'", "!!null ''", "!!binary aHVudGVyMnBsYWlu",
           "!!binary '@@'", "!x hunter2plain", "! hunter2plain", "'it''s a secret'", '"a\\tb\\x41\\u00e9"', '"\\ud83d\\ude00 rocket"', '"\\U0001F600"', '"a\\\n          b"',
           "|\n          hunter2plain\n", "|-\n          hunter2plain", ">-\n          hunter2\n          plain", "|2\n            hunter2plain", "|+\n          a\n\n",
           "hunter2 #not a value", "hunter2#plain", "hunter2\n          plain", "a: b", "[a, b]", "{a: b}", "&v hunter2plain", "*v", "@at", "`tick`", "%percent",
           "- a", "-a", "?a", ":a", "a:", "a :b", "'a", '"a', "\thunter2plain", "hunter2\tplain", "hunter2plain\t", "hunter2plain ", "<<", "=", "é", "\u00a0", "x\u0085y",
           "x\u2028y", "\"x\u2028y\"", "a\x7fb", "[", "]", "{", "}", ",", "a,b", "a]b", "'\u00e9'", "0.1e-7", "1e21", "100000000000000000000.0", "0x", "0o8", "08", "1__0", "_1"]
BASES = ["""apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  hostPID: BOOL
  containers:
  - name: app
    env:
    - name: PGPASSWORD
      value: VALUE
    - {name: DB_PASSWORD, value: hunter2flow}
""", """kind: Deployment
apiVersion: apps/v1
metadata:
  name: NAME
spec:
  template:
    spec:
      containers:
        - name: app
          env:
          - name: PGPASSWORD
            value: VALUE
""", """apiVersion: v1
kind: ConfigMap
metadata:
  name: NAME
data:
  PGPASSWORD: VALUE
  text: |
    kind: Pod
    ---x
    a: b
""", """apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: NAME}
  spec:
    hostPID: BOOL
    containers: [{name: a, env: [{name: PGPASSWORD, value: hunter2plain}]}]
- {apiVersion: v1, kind: Service, metadata: {name: NAME-s}}
""", """apiVersion: v1
kind: PodList
items:
- metadata: {name: NAME}
  spec: {hostNetwork: BOOL, containers: []}
""", """apiVersion: v1
kind: Pod
metadata: &m {name: NAME}
x: &base
  hostPID: true
  containers: []
spec:
  <<: *base
  hostNetwork: BOOL
""", """x: &type {apiVersion: v1, kind: Pod}
<<: *type
metadata: {name: NAME}
spec: {containers: [{name: a, env: [{name: PGPASSWORD, value: hunter2plain}]}]}
""", """apiVersion: v1
kind: Secret
metadata: {name: NAME}
type: Opaque
stringData: {token: VALUE}
""", """apiVersion: example.com/v1
kind: Fleet
metadata: {name: NAME}
items: [{a: b}]
spec:
  pods:
    - containers:
      - image: a
        env: [{name: PGPASSWORD, value: hunter2plain}]
"""]
INSERTED = ["#", "\t", " ", ":", "- ", "\n", "\r", "\ufeff", "'", '"', "{", "}", "[", "]", ",", "&a ", "*a", "!!str ", "|", ">", "%", "@", "? ", "<<: ", "---\n", "...\n", "\u0085", "\u2028",
            "\\", "\x00", "\x7f", "é", "{}", "null", "items: []\n", "kind: List\n"]


def _as_json(chance: random.Random, name: str) -> str:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": {"a": chance.choice(["\U0001f680", "\x7f", "\u2028", "/", "<>"])}},
           "spec": {"hostPID": chance.choice([True, False, None]), "containers": [{"name": "a", "env": [{"name": "PGPASSWORD", "value": "hunter2plain"}]}]}}
    whole = chance.choice([lambda: pod, lambda: pod, lambda: {"apiVersion": "v1", "kind": "List", "items": [pod]},
                           lambda: {"kind": "PodList", "apiVersion": "v1", "items": [{k: pod[k] for k in ("metadata", "spec")}, None][:chance.choice([1, 1, 2])]},
                           lambda: [pod]])()
    return json.dumps(whole, indent=chance.choice([None, None, 2]), ensure_ascii=chance.random() < 0.5)


def _document(chance: random.Random, name: str) -> str:
    if chance.random() < 0.25:
        return _as_json(chance, name)
    return chance.choice(BASES).replace("NAME", name).replace("BOOL", chance.choice(["true", "yes", "False", "'true'", "!!bool on", "null", "1"])).replace(
        "VALUE", chance.choice([SCALARS[0], chance.choice(SCALARS)]))


def variant(seed: int) -> bytes:
    """A stream of up to three documents, each form of which some tool writes or some person could."""
    chance = random.Random(seed)
    parts = [_document(chance, f"p{seed}-{number}") for number in range(chance.randrange(1, 4))]
    text = parts[0]
    for part in parts[1:]:
        text = (text.rstrip("\n") + "\n" if chance.random() < 0.9 else text) + chance.choice(SEPARATORS) + "\n" + part
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
        at = chance.randrange(len(text) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            text = text[:at] + chance.choice(INSERTED) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + chance.randrange(1, 4):]
        elif kind == 2:  # at the beginning of a line
            at = text.rfind("\n", 0, at) + 1
            text = text[:at] + chance.choice(INSERTED) + text[at:]
        elif kind == 3:
            lines = text.split("\n")
            line = chance.randrange(len(lines))
            lines.insert(chance.randrange(len(lines) + 1), lines[line])
            text = "\n".join(lines)
        else:
            lines = text.split("\n")
            line = chance.randrange(len(lines))
            lines[line] += chance.choice([" # c", "# c", " #", "\t", " ", "\t# c"])
            text = "\n".join(lines)
    end = chance.choice(BREAKS)
    if end != "\n" and chance.random() < 0.7:
        text = text.replace("\n", end)
    elif end != "\n":
        text = "".join(end if c == "\n" and chance.random() < 0.1 else c for c in text)
    if chance.random() < 0.08:
        text = "\ufeff" + text
    return text.encode("utf-8", "surrogatepass")
