#!/usr/bin/env python3
"""Adds up JUnit reports: summary.py DIRECTORY prints "N passed, N failed" alone on a line.

Reads every *.xml below DIRECTORY: GoogleTest's, pytest's, and ctest.xml, which
names the programs that failed: one that crashed has written no report of its own.
Exits 1 when a test failed, when a report cannot be read, or when there was no
test at all.
"""
import pathlib
import sys
import xml.etree.ElementTree as ET


def count(report: pathlib.Path) -> tuple[int, int]:
    cases = list(ET.parse(report).getroot().iter("testcase"))
    failed = sum(c.find("failure") is not None or c.find("error") is not None for c in cases)
    not_run = sum(c.find("skipped") is not None or c.get("status") == "notrun" for c in cases)
    return len(cases) - failed - not_run, failed


def crashed(report: pathlib.Path) -> int:
    """How many programs of ctest's report failed without a report of their own."""
    failed = [c.get("name") for c in ET.parse(report).getroot().iter("testcase") if c.find("failure") is not None]
    missing = [n for n in failed if not (report.parent / f"{n.replace('/', '_')}_test.xml").exists()]
    for name in missing:
        print(f"{report}: {name} ended before its tests did", file=sys.stderr)
    return len(missing)


def main(directory: str) -> int:
    passed = failed = 0
    for report in sorted(pathlib.Path(directory).rglob("*.xml")):
        try:
            good, bad = (0, crashed(report)) if report.name == "ctest.xml" else count(report)
        except ET.ParseError as error:
            print(f"{report}: {error}: the test program ended before its report did", file=sys.stderr)
            good, bad = 0, 1
        passed += good
        failed += bad
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
