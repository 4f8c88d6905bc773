"""Does a test fail for every mutant of the rules? `make test-mutants`, or: run.py [FILE ...]

Nothing in the tree is changed: a mutant is compiled by the command that the build has for its file, and linked before
the library that holds the original. Survivors are printed and fail the run; those of equivalent.txt mean the same as
the original, for the reason given there.
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

from mutate import Mutant, mutants

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "dev"
FILTER = "RuleCases.*:*/RuleCases.*:Catalogue.*:Review.*:Modes.*:Objects.*:Scanner.*:Literals.*:Folders.*:Dangers.*"
LONGEST = 60


def equivalents() -> set[tuple[str, str]]:
    lines = (pathlib.Path(__file__).parent / "equivalent.txt").read_text().splitlines()
    return {tuple(line.split(": ", 2)[:2]) for line in lines if line and not line.startswith("#")}


def compile_commands() -> dict[str, list[str]]:
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    return {os.path.realpath(os.path.join(e["directory"], e["file"])): shlex.split(e["command"]) for e in entries}


def link_command() -> list[str]:
    done = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", "tests/unit/webhook_test"], capture_output=True, text=True, check=True)
    command = done.stdout.strip().splitlines()[-1].removeprefix(": && ").split(" && ")[0]
    return shlex.split(command)


def survives(source: pathlib.Path, mutant: Mutant, command: list[str], link: list[str]) -> bool:
    with tempfile.TemporaryDirectory(prefix="errand-mutant-") as directory:
        changed, binary = pathlib.Path(directory, source.name), pathlib.Path(directory, "test")
        changed.write_text(mutant.text)
        build = [str(changed) if os.path.realpath(os.path.join(BUILD, part)) == str(source) else part for part in command]
        build[build.index("-o") + 1] = f"{directory}/mutant.o"
        if build[0].endswith("ccache"):
            del build[0]
        if subprocess.run(build, cwd=BUILD, capture_output=True, check=False).returncode:
            return False  # the compiler is a test as well
        linked = link.copy()
        linked[linked.index("-o") + 1] = str(binary)
        linked.insert(linked.index("-o"), f"{directory}/mutant.o")
        subprocess.run(linked, cwd=BUILD, capture_output=True, check=True)
        try:
            done = subprocess.run([binary, f"--gtest_filter={FILTER}", "--gtest_fail_fast", "--gtest_brief=1"], cwd=BUILD,
                                  capture_output=True, timeout=LONGEST, check=False)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main(arguments: list[str]) -> int:
    subprocess.run(["cmake", "--build", BUILD, "-j2", "--target", "webhook_test"], check=True, stdout=subprocess.DEVNULL)
    named = [pathlib.Path(a).resolve() for a in arguments]
    files = named or sorted(p for p in (ROOT / "webhook" / "rules").glob("*/*.cpp"))
    commands, link, known = compile_commands(), link_command(), equivalents()
    left, count, spared = [], 0, 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as workers:
        for source in files:
            todo = [m for m in mutants(source.read_text()) if (source.name, m.what) not in known]
            spared += sum((source.name, m.what) in known for m in mutants(source.read_text()))
            outcomes = list(workers.map(lambda m, s=source: survives(s, m, commands[str(s)], link), todo))
            count += len(todo)
            for mutant, lives in zip(todo, outcomes):
                if lives:
                    left.append(f"{source.relative_to(ROOT)}:{mutant.line}: {mutant.what}")
                    print("survives", left[-1], flush=True)
    print(f"{count} mutants of {len(files)} files, {len(left)} survive, {spared} are known to mean the same")
    return 1 if left or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
