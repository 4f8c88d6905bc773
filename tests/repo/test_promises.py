"""Every sentence that promises something names a test, and that test exists."""
import re

import pytest
from render import ROOT

PAGES = {"README.md": ("## What you can rely on", "## More"), "docs/security.md": ("# Security model", None)}


def named(page: str) -> list[str]:
    start, end = PAGES[page]
    text = (ROOT / page).read_text().split(start, 1)[1]
    return re.findall(r"`(test_\w+(?:\.py)?(?:::\w+)?)`", text.split(end, 1)[0] if end else text)


def exists(name: str) -> bool:
    file, _, function = name.partition("::")
    if not file.endswith(".py"):
        file, function = "test_*.py", file
    files = [path for path in (ROOT / "tests").rglob(file)]
    return any(not function or re.search(rf"^def {function}\(", path.read_text(), re.M) for path in files)


@pytest.mark.parametrize("page", PAGES)
def test_each_test_that_a_page_names_exists(page):
    names = named(page)
    assert len(names) > 5
    assert not [name for name in names if not exists(name)]


def test_each_sentence_of_the_readme_has_one():
    table = (ROOT / "README.md").read_text().split("## What you can rely on", 1)[1].split("Limits:", 1)[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith(("| Sentence", "|---"))]
    assert len(rows) >= 10
    assert not [row for row in rows if not re.search(r"`test_\w+", row.rsplit("|", 2)[1])]
