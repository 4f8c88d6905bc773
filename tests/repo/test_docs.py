"""Pages: links lead somewhere, and every flag and metric is in docs/reference.md."""
import pathlib
import re
import subprocess
import sys

import pytest
from render import ROOT

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


def pages() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [p for p in listed if (ROOT / p).is_file()]


def anchors(path: pathlib.Path) -> set[str]:
    """As GitHub makes them of headings."""
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.S)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.M)}


@pytest.mark.parametrize("page", pages())
def test_links_resolve(page):
    path, wrong = ROOT / page, []
    for link in LINK.findall(re.sub(r"```.*?```", "", path.read_text(), flags=re.S)):
        if re.match(r"\w+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (anchor and anchor not in anchors(file)):
            wrong.append(link)
    assert not wrong


def test_the_reference_has_every_flag_and_metric():
    printed = subprocess.run([sys.executable, ROOT / "tools/reference.py", ROOT / "build/dev"], capture_output=True, text=True, check=True).stdout
    assert "--lingering-timeout" in printed and "| `errand_revocation_seconds` | histogram | `stage` |" in printed
    assert (ROOT / "docs/reference.md").read_text() == printed, "tools/reference.py build/dev >docs/reference.md"
