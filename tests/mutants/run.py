"""Does a test fail for every mutant of the rules? `make test-mutants`, or: run.py [FILE ...]

Nothing in the tree is changed. All mutants of a file are compiled at once, by the command that the build has for the
file, and each test program is linked with all files before the library that holds the originals; ERRAND_MUTANT chooses
the mutant of a run. What cannot be compiled so is compiled alone. Survivors are printed and fail the run; those of
equivalent.txt mean the same as the original, for the reason given there.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

from mutate import Mutant, mutants, switched

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "dev"
TESTS = ("webhook_test", "rules_test")
MUTATED = ("rules/catalogue", "webhook/guard", "rules/literals")
FILTER = "-Serving.*:AccessReviewsTest.*:Objects.ManyLargeVariablesTakeLinearTime"  # threads, and the machine's clock
PATIENCE = 5  # times what the tests take without a mutant, and a mutant that takes longer is found
CHOICE = """#include <cstdlib>
extern const int errandMutant;
const int errandMutant = std::getenv("ERRAND_MUTANT") ? std::atoi(std::getenv("ERRAND_MUTANT")) : 0;
"""


def equivalents() -> set[tuple[str, str]]:
    lines = (pathlib.Path(__file__).parent / "equivalent.txt").read_text().splitlines()
    return {tuple(line.split(": ", 2)[:2]) for line in lines if line and not line.startswith("#")}


def compile_commands() -> dict[str, list[str]]:
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    return {os.path.realpath(os.path.join(e["directory"], e["file"])): shlex.split(e["command"]) for e in entries}


def link_command(test: str) -> list[str]:
    done = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", f"tests/unit/{test}"], capture_output=True, text=True, check=True)
    command = done.stdout.strip().splitlines()[-1].removeprefix(": && ").split(" && ")[0]
    return shlex.split(command)


class Programs:
    """Compiles and links below a folder of its own."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.commands, self.links = folder, compile_commands(), {t: link_command(t) for t in TESTS}

    def compiled(self, source: pathlib.Path, text: str, name: str) -> pathlib.Path | None:
        """The object file of `source` with this text; None where the compiler refuses it."""
        changed, made = self.folder / f"{name}.cpp", self.folder / f"{name}.o"
        changed.write_text(text)
        build = [str(changed) if os.path.realpath(os.path.join(BUILD, part)) == str(source) else part for part in self.commands[str(source)]]
        build[build.index("-o") + 1] = str(made)
        if build[0].endswith("ccache"):
            del build[0]
        done = subprocess.run([*build, "-O0", "-g0", "-w"], cwd=BUILD, capture_output=True, check=False)
        return made if done.returncode == 0 else None

    def linked(self, objects: list[pathlib.Path], name: str) -> list[pathlib.Path]:
        made = []
        for test, command in self.links.items():
            program, link = self.folder / f"{name}-{test}", command.copy()
            at = link.index("-o")
            link[at + 1] = str(program)
            subprocess.run([*link[:at], *map(str, objects), *link[at:]], cwd=BUILD, capture_output=True, check=True)
            made.append(program)
        return made


def run_tests(program: pathlib.Path, number: int, tests: str, longest: float) -> subprocess.CompletedProcess:
    return subprocess.run([program, f"--gtest_filter={tests}", "--gtest_fail_fast", "--gtest_brief=1"], cwd=BUILD,
                          env={**os.environ, "ERRAND_MUTANT": str(number)}, capture_output=True, timeout=longest, check=False)


def fails(program: pathlib.Path, number: int, tests: str, longest: float) -> bool:
    try:
        return run_tests(program, number, tests, longest).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def found(programs: list[pathlib.Path], number: int, source: pathlib.Path, longest: float) -> bool:
    """Whether a test fails; those of the file's own rule run first."""
    rule = re.match(r"sc\d{3}", source.name)
    own = rule is not None and fails(programs[0], number, f"*/{rule[0].upper()}", longest)
    return own or any(fails(program, number, FILTER, longest) for program in programs)


def main(arguments: list[str]) -> int:
    subprocess.run(["cmake", "--build", BUILD, "-j2", "--target", *TESTS], check=True, stdout=subprocess.DEVNULL)
    files = [pathlib.Path(a).resolve() for a in arguments] or sorted(f for m in MUTATED for f in (ROOT / m).rglob("*.cpp"))
    known = equivalents()
    everything = [(source, mutant) for source in files for mutant in mutants(source.read_text())]
    spared = [(s, m) for s, m in everything if (s.name, m.what) in known]
    numbered: dict[int, tuple[pathlib.Path, Mutant]] = dict(enumerate((e for e in everything if e not in spared), 1))
    if not numbered:
        print("there is nothing to mutate")
        return 1

    with (tempfile.TemporaryDirectory(prefix="errand-mutants-") as folder,
          concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as workers):
        programs = Programs(pathlib.Path(folder))

        def together(source: pathlib.Path) -> tuple[pathlib.Path | None, set[int]]:
            own = {n: m for n, (s, m) in numbered.items() if s == source}
            text, left = switched(source.read_text(), own)
            made = programs.compiled(source, text, source.stem) if own else None
            return (made, left) if made else (None, set(own))

        compiled = list(workers.map(together, files))
        alone = set().union(*(left for _, left in compiled))
        choice = pathlib.Path(folder, "choice.cpp")
        choice.write_text(CHOICE)
        subprocess.run([programs.links[TESTS[0]][0], "-c", choice, "-o", choice.with_suffix(".o")], check=True)
        all_of_them = programs.linked([made for made, _ in compiled if made] + [choice.with_suffix(".o")], "all")
        # The switch itself changes nothing.
        start = time.monotonic()
        for program in all_of_them:
            done = run_tests(program, 0, FILTER, 600)
            if done.returncode != 0:
                print(done.stdout.decode(errors="replace"), "the tests fail without any mutant", sep="\n")
                return 1
        longest = max(20, PATIENCE * (time.monotonic() - start))

        def survives(number: int) -> bool:
            source, mutant = numbered[number]
            if number not in alone:
                return not found(all_of_them, number, source, longest)
            made = programs.compiled(source, mutant.applied(source.read_text()), f"{source.stem}-{number}")
            if made is None:
                return False  # the compiler is a test as well
            lives = not found(programs.linked([made], f"alone-{number}"), number, source, longest)
            for test in TESTS:
                (programs.folder / f"alone-{number}-{test}").unlink()
            return lives

        lives = dict(zip(numbered, workers.map(survives, numbered)))
    left = [f"{source.relative_to(ROOT)}:{mutant.line}: {mutant.what}" for number, (source, mutant) in numbered.items() if lives[number]]
    for one in left:
        print("survives", one)
    print(f"{len(numbered)} mutants of {len(files)} files ({len(alone)} compiled alone), {len(left)} survive, "
          f"{len(spared)} are known to mean the same")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
