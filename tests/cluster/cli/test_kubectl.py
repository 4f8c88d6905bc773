"""`kubectl errand scan` reads what kubectl reads: never fewer objects, and never another value, without a word.

kubectl prints each input as it would send it (`label --local` asks no server). The scan of that JSON, in which nothing is
left to interpret, has the right findings for the scan of the input itself.
"""
import json
import os
import pathlib
import re
import subprocess

import pytest
from support.cluster import binaries
from support.manifestvariants import variant
from support.processes import program

INPUTS = sorted(file for file in (pathlib.Path(__file__).resolve().parents[2] / "scan").glob("*/input/**/*") if file.is_file())
GENERATED = int(os.environ.get("ERRAND_DIFFERENTIAL", "150"))
OFFLINE = {**os.environ, "HOME": "/nonexistent", "KUBECONFIG": "/dev/null"}
MARK = "errand-test"
LENGTH = re.compile(r"\d+ characters")


def kubectl(data: bytes) -> tuple[bool, list[dict]]:
    """Whether kubectl takes all of the input, and the objects that it makes of it."""
    done = subprocess.run([binaries() / "kubectl", "label", "--local", "--overwrite", "-o", "json", "-f", "-", f"{MARK}=x"], input=data,
                          capture_output=True, env=OFFLINE, check=False, timeout=60)
    text, objects, at = done.stdout.decode(), [], 0
    while at < len(text.rstrip()):
        one, at = json.JSONDecoder().raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        metadata = one.get("metadata") or {}
        labels = metadata.get("labels") or {}
        labels.pop(MARK, None)
        if not labels:
            metadata.pop("labels", None)
        objects.append(one)
    return done.returncode == 0, objects


def scan(data: bytes) -> tuple[int, dict]:
    done = subprocess.run([program("kubectl-errand"), "scan", "-", "--format", "json"], input=data, capture_output=True, check=False, timeout=60)
    assert done.returncode in (0, 1, 2) and not done.stderr, done
    return done.returncode, json.loads(done.stdout)


def findings(report: dict, lengths: bool = True) -> set[tuple[str, str, str, str]]:
    return {(found["object"], found["rule"], found["path"], found["message"] if lengths else LENGTH.sub("", found["message"]))
            for found in report["findings"]}


def silent_difference(data: bytes, objects: list[dict] | None = None) -> str | None:
    """What the scan misses of an input that it does not call broken; None if there is nothing to compare."""
    objects = kubectl(data)[1] if objects is None else objects
    _, report = scan(data)
    if not objects or report["broken"]:
        return None
    _, right = scan("\n".join(map(json.dumps, objects)).encode())
    # The scan reads each line break of YAML 1.1 as LF; kubectl keeps U+2028 and U+2029 in a value of several lines.
    lengths = not any(end in data for end in ("\u2028".encode(), "\u2029".encode()))
    missed = findings(right, lengths) - findings(report, lengths)
    # kubectl does not read on behind `...`, and takes the items of any object for objects. More is no harm.
    return f"{report['objects']} of {right['objects']} objects, without {missed}" if missed or report["objects"] < right["objects"] else ""


@pytest.mark.parametrize("file", INPUTS, ids=lambda file: "/".join(file.parts[file.parts.index("scan") + 1:]))
def test_an_input_of_the_scan(file):
    assert not silent_difference(file.read_bytes())


def test_generated_inputs():
    compared, wrong = 0, {}
    for seed in range(GENERATED):
        found = silent_difference(variant(seed))
        compared += found is not None
        if found:
            wrong[seed] = found
    assert not wrong
    assert compared > GENERATED / 3, "most variants are refused: they test nothing"


SCALARS = ["yes", "no", "On", "off", "y", "N", "true", "~", "Null", "0o17", "017", "0x1F", "0b11", "1_000", "8.64e4", "1e3", ".5", "5.", "+5", "-0", "1e21",
           "9223372036854775808", "18446744073709551615", "1:30", "2001-01-01", "!!str 5", "!!str yes", "!!int '5'", "!!bool 'yes'", "!!null ''",
           "!!binary aHVudGVyMg==", "!x y", "'it''s'", '"\\U0001F680"', '"\\x41\\u00e9"', "a b # c", "a#b", "=", "\u00e9", "08", "0x", "_1", "1__0", "''"]
POD = """apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  hostPID: false
  containers:
  - name: a
    env:
    - name: PGPASSWORD
      value: VALUE
"""


@pytest.mark.parametrize("text", SCALARS)
def test_a_scalar_is_that_of_kubectl(text):
    """By the length of the credential that the scan finds; a value that is no string cannot be read (SC190)."""
    data = POD.replace("VALUE", text).encode()
    taken, objects = kubectl(data)
    assert taken
    _, report = scan(data)
    _, right = scan(json.dumps(objects[0]).encode())
    assert findings(report) == findings(right)


def test_the_comparison_sees_a_difference():
    data = POD.replace("VALUE", "hunter2").encode()
    _, objects = kubectl(data)
    assert silent_difference(data, objects) == ""
    assert "of 2 objects" in silent_difference(data, objects * 2)
    objects[0]["spec"]["hostPID"] = True
    assert "SC202" in silent_difference(data, objects)
