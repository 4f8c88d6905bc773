"""A status shows a reason by the type policy::Reason alone, and no decision reads one back from text."""
import re

import pytest
from render import ROOT

TABLE = ROOT / "core" / "policy" / "reasons.inc"
NAMES = re.findall(r"^ERRAND_REASON\((\w+)", TABLE.read_text(), re.M)
# The types of conditions: two of them, Ready and Active, are reasons as well.
CONDITIONS = "core/policy/conditions.hpp"
# Where a stored reason is the only record of what is asked; each says why.
READERS = {"core/policy/reason.cpp", "core/policy/reason.hpp", "operator/plan/lifecycle/report.cpp", "operator/state/grantcounts.cpp",
           "operator/state/grantmetrics.cpp"}
TEXT = re.compile(r'(?:\.|->)(?:reason|because|endedBecause)\b\s*[!=]?=\s*"')


def sources():
    for folder in ("operator", "core/policy"):
        yield from sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in (".cpp", ".hpp"))


def literals(text: str) -> list[str]:
    return re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)


def test_the_table_is_read():
    assert len(NAMES) > 50 and len(set(NAMES)) == len(NAMES)


def test_no_other_literal_names_a_reason():
    wrong = [f"{path.relative_to(ROOT)}: \"{text}\"" for path in sources() if path.relative_to(ROOT).as_posix() != CONDITIONS
             for text in literals(path.read_text()) if text in NAMES]
    assert not wrong, "\n".join(wrong)


def test_no_reason_is_compared_with_text():
    wrong = [f"{path.relative_to(ROOT)}: {found[0]}" for path in sources() for found in TEXT.finditer(path.read_text())]
    assert not wrong, "\n".join(wrong)


def test_a_stored_reason_is_read_in_the_known_places_alone():
    readers = {path.relative_to(ROOT).as_posix() for path in sources() if "reasonOf(" in path.read_text()}
    assert readers == READERS


@pytest.mark.parametrize("name", NAMES)
def test_each_reason_is_shown_by_something(name):
    assert any(f"Reason::{name}" in text for text in (path.read_text() for path in sources()) if "Reason::" in text), name
