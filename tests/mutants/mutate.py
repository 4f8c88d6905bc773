"""The mutants of a C++ file: each condition and each boolean result inverted, each operand of && and || dropped, each limit moved by one.

Text alone is looked at, which suffices for this project's style. The data of a rule (from `constinit const Rule`)
is left as it is: its test compares it word by word.
"""
import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Mutant:
    line: int
    what: str
    begin: int  # of the condition in the file's text
    end: int
    code: str  # what stands in its place

    def applied(self, text: str) -> str:
        return text[:self.begin] + self.code + text[self.end:]


def closing(text: str, start: int) -> int:
    """The index of the parenthesis that closes the one at `start`; strings and characters are passed over."""
    depth, i = 0, start
    while i < len(text):
        c = text[i]
        if c in "\"'":
            end = i + 1
            while text[end] != c:
                end += 2 if text[end] == "\\" else 1
            i = end
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return i
        i += 1
    raise ValueError(f"nothing closes the parenthesis at {start}")


def operands(expression: str) -> list[tuple[int, int, str]]:
    """(begin, end, operator) of what && or || joins at the top level; the operator of lower precedence wins."""
    found, depth = [], 0
    for match in re.finditer(r"\"(?:\\.|[^\"])*\"|'(?:\\.|[^'])+'|[()\[\]{}]|&&|\|\|", expression):
        token = match[0]
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
        elif token in ("&&", "||") and depth == 0:
            found.append((match.start(), match.end(), token))
    if not found:
        return []
    joint = "||" if any(token == "||" for *_, token in found) else "&&"
    cuts = [(a, b) for a, b, token in found if token == joint]
    starts, ends = [0] + [b for _, b in cuts], [a for a, _ in cuts] + [len(expression)]
    return [(a, b, joint) for a, b in zip(starts, ends)]


def mutated(expression: str):
    """(what, expression) of each mutant of one boolean expression."""
    for begin, end, joint in operands(expression):
        neutral = "false" if joint == "||" else "true"
        part = expression[begin:end]
        yield f"drops {' '.join(part.split())}", f"{expression[:begin]} {neutral} {expression[end:]}"
        inner = part.strip()
        if inner.startswith("(") and closing(inner, 0) == len(inner) - 1:
            for what, text in mutated(inner[1:-1]):
                yield what, f"{expression[:begin]} ({text}) {expression[end:]}"
    for match in re.finditer(r" (>|<|>=|<=) ", expression):
        other = {">": ">=", "<": "<=", ">=": ">", "<=": "<"}[match[1]]
        changed = f"{expression[:match.start(1)]}{other}{expression[match.end(1):]}"
        yield f"moves to {' '.join(changed.split())}", changed


def mutants(text: str):
    """All of a file, in its order."""
    code = text.split("constinit const Rule")[0]
    for match in re.finditer(r"\bif (?:constexpr )?\(", code):
        start = match.end() - 1
        end = closing(code, start)
        inside = code[start + 1:end]
        prefix, _, condition = inside.rpartition("; ")
        prefix = prefix + "; " if prefix else ""
        if re.match(r"\s*(const )?auto\*? \w+ = ", condition):
            continue  # declares what it tests
        line, begin = text.count("\n", 0, start) + 1, start + 1 + len(prefix)
        yield Mutant(line, f"inverts {' '.join(condition.split())}", begin, end, f"!({condition})")
        for what, changed in mutated(condition):
            yield Mutant(line, what, begin, end, changed)
    for match in re.finditer(r"\breturn ([^;{}?]*(?:&&|\|\|| [=!]= )[^;{}?]*);", code):
        line = text.count("\n", 0, match.start()) + 1
        yield Mutant(line, f"inverts {' '.join(match[1].split())}", match.start(1), match.end(1), f"!({match[1]})")
        for what, changed in mutated(match[1]):
            yield Mutant(line, what, match.start(1), match.end(1), changed)


def switched(text: str, numbered: dict[int, Mutant]) -> tuple[str, set[int]]:
    """The file with all mutants in it, of which the variable errandMutant chooses one; and those numbers that are
    not in it, because they lie within another's condition."""
    places: dict[tuple[int, int], list[int]] = {}
    for number, mutant in numbered.items():
        places.setdefault((mutant.begin, mutant.end), []).append(number)
    left, out, before = set(), [], 0
    for (begin, end), numbers in sorted(places.items()):
        if begin < before:
            left.update(numbers)
            continue
        choice = "".join(f"errandMutant == {n} ? static_cast<bool>({numbered[n].code}) : " for n in numbers)
        out += [text[before:begin], choice, f"static_cast<bool>({text[begin:end]})"]
        before = end
    return "extern const int errandMutant;\n" + "".join(out) + text[before:], left
