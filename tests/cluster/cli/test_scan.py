"""`kubectl-errand scan` as CI runs it, on files: no cluster takes part."""
import json
import pathlib
import subprocess
import time

import jsonschema
import pytest
from support.processes import program

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[1] / "schemas" / "sarif-2.1.0.json").read_text())
ONE_KEY = """apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  containers:
  - name: a
    image: localhost/a:1
    env:
    - {{name: PGPASSWORD, value: hunter2hunter2}}
"""
CLEAN = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: a, image: a}\n"


def scan(*paths, form: str = "json", **more) -> tuple[int, str]:
    done = subprocess.run([program("kubectl-errand"), "scan", *map(str, paths), "--format", form], capture_output=True,
                          text=True, check=False, timeout=60, **more)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize("files", [
    {"clean.yaml": CLEAN},
    {"a.yaml": ONE_KEY.format(name="p"), "b.yaml": ONE_KEY.format(name="q")},
    {"broken.yaml": "a: {", "good.yaml": ONE_KEY.format(name="p")},
    {"with blank, ü & [brackets] 100%#?.yaml": ONE_KEY.format(name='"\\u0001\\u00e9"')},
    {"type.yaml": CLEAN.replace("[", "").replace("{name: a, image: a}", "5")}], ids=["clean", "two", "broken", "names", "type"])
def test_sarif_is_valid_by_its_schema(tmp_path, files):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    code, printed = scan(tmp_path, form="sarif")
    report = json.loads(printed)
    jsonschema.Draft4Validator(SCHEMA).validate(report)
    run, = report["runs"]
    broken = run["invocations"][0]["toolExecutionNotifications"]
    complete = run["invocations"][0]["executionSuccessful"]
    assert complete == (not broken and list(files) != ["type.yaml"])
    assert code == (2 if not complete else 1 if run["results"] else 0)
    assert (len(run["results"]) + len(broken) == 0) == (list(files) == ["clean.yaml"])
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_what_never_ends_or_cannot_be_read_is_broken():
    code, printed = scan("/dev/zero", "/proc/self/mem", form="json")
    assert code == 2
    assert [(b["file"], b["message"]) for b in json.loads(printed)["broken"]] == [("/dev/zero", "is larger than 64 MiB"),
                                                                                  ("/proc/self/mem", "cannot be read")]
    with open("/dev/zero", "rb") as endless:
        code, printed = scan("-", stdin=endless)
    assert code == 2 and json.loads(printed)["broken"][0]["file"] == "stdin"


def test_the_schema_is_one_that_refuses():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_what_is_broken_is_named_by_file_and_line_and_the_rest_is_judged(tmp_path):
    pieces = {"01-syntax.yaml": "apiVersion: v1\nkind: Pod\n  x: [\n",
              "02-twice.yaml": CLEAN + "  containers: []\n",
              "03-deep.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nx: " + "[" * 5000 + "]" * 5000 + "\n",
              "04-utf16.yaml": CLEAN.encode("utf-16"),
              "05-alias.yaml": "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
                  f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 8)}]\n" for i in range(12)) + CLEAN,
              "09-good.yaml": ONE_KEY.format(name="p")}
    for name, text in pieces.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    code, printed = scan(tmp_path)
    report = json.loads(printed)
    assert code == 2
    broken = {pathlib.Path(b["file"]).name: b for b in report["broken"]}
    assert set(broken) == set(pieces) - {"09-good.yaml"}, broken
    assert broken["02-twice.yaml"]["line"] == 7 and "containers" in broken["02-twice.yaml"]["message"]
    assert all(b["line"] >= 1 and b["message"] for b in broken.values())
    assert [(pathlib.Path(f["file"]).name, f["line"], f["rule"]) for f in report["findings"]] == [("09-good.yaml", 9, "SC109")]


def test_unknown_kinds_and_sources_and_wrong_types_are_findings(tmp_path):
    (tmp_path / "a.yaml").write_text(
        ONE_KEY.format(name="p").replace("    env:", "    env: 5\n    x:") + "---\n"
        + CLEAN + "  volumes:\n  - {name: v, quantumDisk: {secretName: db}}\n---\n"
        + "apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: f}\nspec:\n  template:\n    spec:\n      hostPID: true\n"
        + "      containers: [{name: a, image: a}]\n---\n"
        + "apiVersion: example.com/v1\nkind: Unheard\nmetadata: {name: u}\nspec: {whatever: [1, {a: null}]}\n")
    code, printed = scan(tmp_path)
    assert code == 2
    assert [(f["line"], f["rule"]) for f in json.loads(printed)["findings"]] == [(8, "SC190"), (19, "SC190"), (27, "SC202")]


def test_a_value_of_three_mebibytes_is_judged(tmp_path):
    (tmp_path / "a.yaml").write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n  a: {'x' * (3 << 20)}\n"
                                     "  b: postgres://app:hunter2hunter2@db/app\n")
    code, printed = scan(tmp_path)
    assert (code, [(f["line"], f["rule"]) for f in json.loads(printed)["findings"]]) == (1, [(6, "SC108")])


def test_ten_thousand_files_take_less_than_ten_seconds(tmp_path):
    for i in range(10000):
        (tmp_path / f"{i:05}.yaml").write_text((ONE_KEY if i % 100 == 0 else CLEAN.replace("{name: p}", "{{name: {name}}}").replace(
            "{name: a, image: a}", "{{name: a, image: a}}")).format(name=f"p{i}"))
    start = time.monotonic()
    code, printed = scan(tmp_path)
    took = time.monotonic() - start
    report = json.loads(printed)
    assert (code, report["files"], len(report["findings"])) == (1, 10000, 100)
    print(f"{took:.2f} s")
    assert took < 10
