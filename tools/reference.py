#!/usr/bin/env python3
"""Prints docs/reference.md: every flag, from the programs' --help, and every metric, from the sources.

reference.py BUILD prints the page to standard output; BUILD is the folder of the built programs (build/dev).
"""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = (("errand-operator", "operator", ()), ("errand-cainjector", "operator", ()), ("errand-webhook", "webhook", ()),
            ("kubectl-errand", "cli", ("scan", "report", "status", "explain", "doctor", "enroll", "revoke", "suspend", "resume", "uninstall", "rules", "completion")))
METRIC = re.compile(r'(?<![\w])(?:metrics::)?(counter|gauge|histogram)\(\s*(std::string\(kName\)|"\w+"),\s*'
                    r'(std::string\(kHelp\)|"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*)')


def help_of(program: str, folder: str, build: pathlib.Path, *arguments: str) -> str:
    name = program.replace("kubectl-", "kubectl ")
    done = subprocess.run([name, *arguments, "--help"], executable=build / folder / program, capture_output=True, text=True, check=True,
                          env={"PATH": os.environ["PATH"]})
    return "\n".join(line.rstrip() for line in done.stdout.strip().split("\n"))


def call_from(source: str, start: int) -> str:
    """The rest of the call whose parenthesis is open at `start`."""
    depth, at = 1, start
    while depth > 0:
        depth += {"(": 1, ")": -1}.get(source[at], 0)
        at += 1
    return source[start:at]


def joined(literal: str) -> str:
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literal)).replace('\\"', '"')


def constant(source: str, name: str) -> str:
    return joined(re.search(rf"{name} =\s*((?:\"[^\"]*\"\s*)+);", source)[1])


def metrics() -> dict[str, tuple[str, str, set[str]]]:
    """By name: kind, help and labels. Raises where a metric's name or help is not to be read."""
    out: dict[str, tuple[str, str, set[str]]] = {}
    for path in sorted(p for top in ("core", "operator", "webhook", "cli") for p in (ROOT / top).rglob("*.cpp")):
        source = path.read_text()
        read = 0
        for match in METRIC.finditer(source):
            kind, name, text = match.groups()
            rest = call_from(source, match.end())
            read += match[0].startswith("metrics::")
            name = constant(source, "kName") if "kName" in name else joined(name)
            text = constant(source, "kHelp") if "kHelp" in text else joined(text)
            labels = set(re.findall(r'\{"(\w+)",', rest))
            for variable in re.findall(r"\b(labels|coded)\)", rest):
                labels |= set(re.findall(r'\{"(\w+)",', re.search(r"Labels labels\{(.*)\}", source)[1]))
                labels |= {"code"} if variable == "coded" else set()
            out[name] = (kind, text, labels | out.get(name, ("", "", set()))[2])
        made = len(re.findall(r"metrics::(?:counter|gauge|histogram)\(", source))
        if made > read:
            sys.exit(f"{path.relative_to(ROOT)}: {made - read} metrics whose name and help are not literals")
    return out


def page(build: pathlib.Path) -> str:
    lines = ["# Reference", "", "All flags and metrics. `tools/reference.py build/dev >docs/reference.md` prints this page.", "",
             "Flags that the charts set are values of `charts/errand/values.yaml`. Durations are Go's: `90s`, `1h30m`.", ""]
    for program, folder, commands in PROGRAMS:
        lines += [f"## {program.replace('kubectl-', 'kubectl ')}", "", "```", help_of(program, folder, build), "```", ""]
        for command in commands:
            lines += [f"### {program.replace('kubectl-', 'kubectl ')} {command}", "", "```", help_of(program, folder, build, command), "```", ""]
    lines += ["## Metrics", "", "Each process serves them at `/metrics` (`--health-listen`), in Prometheus' text format.",
              "Names without `errand_` mean what they mean in controller-runtime and client-go. No label holds text of a user.", "",
              "| Metric | Type | Labels | Meaning |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in sorted(labels))} | {text} |" for name, (kind, text, labels) in sorted(metrics().items())]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(pathlib.Path(sys.argv[1]).resolve()))
