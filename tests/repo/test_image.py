"""The image's build finds what it copies, and copies what the build needs. No engine: the files are read as text."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def copied() -> set[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / "Dockerfile").read_text(), re.M)
    return {source for line in lines for source in line.split()[:-1]}


def test_what_is_copied_is_in_the_context():
    ignore = [line for line in (ROOT / ".dockerignore").read_text().split("\n") if line and not line.startswith("#")]
    assert ignore[0] == "*"
    assert {line.removeprefix("!") for line in ignore[1:]} == copied()


def test_every_folder_that_is_always_built_is_copied():
    always = re.findall(r"^add_subdirectory\((\w+)\)", (ROOT / "CMakeLists.txt").read_text(), re.M)
    assert always
    assert set(always) <= copied()
