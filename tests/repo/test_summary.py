"""tools/summary.py: a test program that crashes is never counted as nothing."""
import pathlib
import subprocess
import sys

SUMMARY = pathlib.Path(__file__).resolve().parents[2] / "tools" / "summary.py"
PASSED = '<testsuites><testsuite><testcase name="a" status="run"/></testsuite></testsuites>'
CTEST = ('<testsuite><testcase name="core/api" status="run"/>'
         '<testcase name="operator" status="fail"><failure/></testcase></testsuite>')
FAILED = '<testsuites><testsuite><testcase name="b" status="run"><failure/></testcase></testsuite></testsuites>'


def summary(directory: pathlib.Path, **reports: str) -> subprocess.CompletedProcess:
    (directory / "dev").mkdir()
    for name, text in reports.items():
        (directory / "dev" / f"{name}.xml").write_text(text)
    return subprocess.run([sys.executable, SUMMARY, directory], capture_output=True, text=True, check=False)


def test_a_program_that_crashed_is_a_failure(tmp_path):
    done = summary(tmp_path, core_api_test=PASSED, ctest=CTEST)
    assert done.stdout == "1 passed, 1 failed\n" and done.returncode == 1
    assert "operator ended before its tests did" in done.stderr


def test_a_failed_test_is_counted_once(tmp_path):
    done = summary(tmp_path, core_api_test=PASSED, operator_test=FAILED, ctest=CTEST)
    assert done.stdout == "1 passed, 1 failed\n" and done.returncode == 1


def test_a_truncated_report_is_a_failure(tmp_path):
    assert summary(tmp_path, core_api_test=PASSED[:30]).stdout == "0 passed, 1 failed\n"
