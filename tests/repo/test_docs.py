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


def test_each_page_that_a_message_names_exists():
    """In the messages of findings, and in the sources of other messages. `kubectl errand rules` prints the page without the repository."""
    program = ROOT / "build/dev/cli/kubectl-errand"
    printed = subprocess.run([program, "scan", "tests/rules", "--format", "github"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    named = set(re.findall(r"See (\S+\.md)", printed))
    assert len(named) > 20
    for file in subprocess.run(["git", "ls-files", "*.cpp", "*.hpp", "manifests", "charts", "crds"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split():
        named |= set(re.findall(r"\bdocs/[\w/-]+\.md", (ROOT / file).read_text())) if (ROOT / file).is_file() else set()
    assert not [page for page in named if not (ROOT / page).is_file()]
    for rule in {pathlib.Path(page).stem for page in named if page.startswith("docs/rules/SC")}:
        assert subprocess.run([program, "rules", rule], capture_output=True, text=True, check=True).stdout.startswith(f"# {rule}")


def test_the_reference_has_every_flag_and_metric():
    printed = subprocess.run([sys.executable, ROOT / "tools/reference.py", ROOT / "build/dev"], capture_output=True, text=True, check=True).stdout
    assert "--lingering-timeout" in printed and "| `errand_revocation_seconds` | histogram | `stage` |" in printed
    assert (ROOT / "docs/reference.md").read_text() == printed, "tools/reference.py build/dev >docs/reference.md"
