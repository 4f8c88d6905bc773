"""`kubectl-errand scan` on each folder of tests/scan: what it reads, how it exits, and what it names."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import xml.dom.minidom

import pytest
import yaml
from support.processes import program

CASES = sorted((pathlib.Path(__file__).resolve().parents[2] / "scan").iterdir())
FORMATS = ("text", "json", "sarif", "github", "junit")
POD = """apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: app
    env:
    - {name: PGPASSWORD, value: hunter2plain}
"""


def scan(*arguments, **more) -> subprocess.CompletedProcess:
    return subprocess.run([program("kubectl-errand"), "scan", *map(str, arguments)], capture_output=True, check=False, timeout=120,
                          **more)


def named(entries: list[dict], folder: pathlib.Path) -> list[str]:
    return sorted(f"{os.path.relpath(e['file'], folder)}:{e['line']} {e.get('rule') or e['message']}" for e in entries)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_input(case):
    expect = yaml.safe_load((case / "expect.yaml").read_text())
    done = scan(case / "input", "--format", "json", *expect.get("arguments", []))
    found = json.loads(done.stdout)
    folder = case / "input"
    assert named(found["findings"], folder) == sorted(expect.get("findings", [])), found
    for kind in ("broken", "passed"):
        got = named(found[kind], folder)
        want = sorted(expect.get(kind, []))
        assert len(got) == len(want) and all(w in g for g, w in zip(got, want)), (kind, got)
    assert found["unjudged"] == expect.get("unjudged", {})
    assert done.returncode == expect["exit"] and done.stderr == b"", found


@pytest.mark.parametrize("form", FORMATS)
def test_names_of_files_and_objects_are_escaped(tmp_path, form):
    for name in (b"a\x1b[2J\n::error::x.yaml", "b\u202egnp.yaml".encode(), b"c\xff<&>\"']]>.yaml"):
        (pathlib.Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text(
            POD.replace("{name: p}", '{name: "\\x1b[31mp", namespace: "a\\n::stop-commands::x\\u202e"}'))
    (tmp_path / "d\x07.yaml").write_text("a: {")
    done = scan(".", "--format", form, cwd=tmp_path)
    assert done.returncode == 2
    text = done.stdout.decode()  # UTF-8 alone
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert all(form == "github" and line.startswith(("::error file=", "::warning file=")) for line in commands), commands
    assert not re.search(r"^\s*::stop", text, re.M)
    if form == "junit":
        xml.dom.minidom.parseString(text)


def test_a_file_name_that_begins_like_a_command(tmp_path):
    (tmp_path / "::add-mask::x.yaml").write_text(POD)
    text = scan("::add-mask::x.yaml", cwd=tmp_path).stdout.decode()
    assert "SC109" in text and not re.search(r"^\s*::", text, re.M)


def test_a_folder_that_cannot_be_read_and_a_link_to_nothing():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "a").mkdir()
        (folder / "z").mkdir()
        (folder / "z" / "pod.yaml").write_text(POD)
        (folder / "gone.yaml").symlink_to("nowhere.yaml")
        folder.chmod(0o755)
        (folder / "a").chmod(0)
        # Root reads every folder.
        nobody = {"user": 65534} if os.geteuid() == 0 else {}
        done = scan(folder, "--format", "json", **nobody)
        (folder / "a").chmod(0o700)
    found = json.loads(done.stdout)
    assert done.returncode == 2
    assert [f["rule"] for f in found["findings"]] == ["SC109"]
    assert {pathlib.Path(b["file"]).name for b in found["broken"]} == {"gone.yaml", "a"}, found


@pytest.mark.parametrize("arguments", [("scan", "-"), ("rules",)])
def test_output_that_cannot_be_written(arguments):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program("kubectl-errand"), *arguments], input=POD.encode(), stdout=full, stderr=subprocess.PIPE,
                              check=False, timeout=60)
    assert done.returncode == 2 and b"cannot write" in done.stderr


def test_a_closed_pipe(tmp_path):
    for i in range(2000):
        (tmp_path / f"{i}.yaml").write_text(POD)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([program("kubectl-errand"), "scan", tmp_path], stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert done.returncode == 2 and b"cannot write" in done.stderr


def test_a_long_scan_shows_its_progress_on_a_terminal_alone(tmp_path):
    """Standard error is a terminal here; the report on standard output is as without one."""
    (tmp_path / "pods.yaml").write_text("---\n".join(pods(30000)))
    (tmp_path / "z.yaml").write_text("---\n".join(pods(10)))
    ours, theirs = os.openpty()
    with subprocess.Popen([program("kubectl-errand"), "scan", tmp_path, "--format", "json"], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        printed, _ = process.communicate(timeout=120)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    assert process.returncode == 1 and json.loads(printed)["objects"] == 30010
    lines = re.findall(rb"\r\x1b\[K(\d+) of (\d+) (files|objects)", shown)
    assert lines and all(int(done) < int(whole) for done, whole, _ in lines), shown[-300:]
    assert shown.endswith(b"\r\x1b[K"), "the line is gone at the end"
    silent = scan(tmp_path, "--format", "json")
    assert silent.stderr == b"" and silent.stdout == printed


def pods(count: int) -> list[str]:
    return [POD.replace("{name: p}", f"{{name: p{i}}}") for i in range(count)]


def seconds(path: pathlib.Path, **more) -> float:
    before = os.times()
    done = scan(path, "--format", "json", **more)
    after = os.times()
    assert done.returncode == 1, done.stdout[-500:]
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_a_list_costs_what_documents_cost(tmp_path):
    count = 3000
    documents, whole = tmp_path / "documents.yaml", tmp_path / "list.yaml"
    documents.write_text("---\n".join(pods(count)))
    indented = ["- " + pod.rstrip().replace("\n", "\n  ") + "\n" for pod in pods(count)]
    whole.write_text("apiVersion: v1\nkind: List\nitems:\n" + "".join(indented))
    apart, together = seconds(documents), seconds(whole)
    print(f"{apart:.2f} s of CPU as documents, {together:.2f} s as a list")
    assert together < 3 * apart + 1


def test_a_merge_of_many_keys(tmp_path):
    keys = "".join(f"  k{i}: v\n" for i in range(100000))
    (tmp_path / "a.yaml").write_text("x: &x\n" + keys + "y:\n  <<: *x\n" + keys + "---\n" + POD)
    took = seconds(tmp_path)
    print(f"{took:.2f} s of CPU")
    assert took < 10
