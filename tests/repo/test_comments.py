"""Comments are sentences whose subject is a component or the reader, never a relative clause."""
import re

from render import ROOT

FOLDERS = ("core", "rules", "operator", "webhook", "cli", "tests/unit", "tests/bench", "tests/fuzz")
TOKEN = re.compile(r'(R"(?P<d>[^ ()\\\t\n]*)\((?:.|\n)*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'|//[^\n]*)')
# "What it costs?" is a question, "What's left" a rest: only a sentence that goes on after its clause is meant, so a
# short list of first words is enough.
BEGINS = re.compile(r"(?:^|(?<=[.:!?] ))(Who|Whom|Whose|Whoever|Of|Where|What|Whatever|By whom|To whom|As whom)\b[^.?]*")


def comments(text: str):
    """Blocks of // lines that stand below each other, each as (line, text)."""
    block, start, last = [], 0, -2
    for match in TOKEN.finditer(text):
        if not match[0].startswith("//"):
            continue
        line = text.count("\n", 0, match.start()) + 1
        own = text[text.rfind("\n", 0, match.start()) + 1:match.start()].strip() == ""
        if block and own and line == last + 1:
            block.append(match[0].removeprefix("//").strip())
        else:
            if block:
                yield start, " ".join(block)
            block, start = [match[0].removeprefix("//").strip()], line
        last = line
    if block:
        yield start, " ".join(block)


def violations():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.?pp")):
            for line, text in comments(path.read_text()):
                for sentence in BEGINS.finditer(text):
                    yield f"{path.relative_to(ROOT)}:{line}: {sentence[0][:100]}"


def test_no_sentence_begins_with_a_relative_clause():
    found = list(violations())
    assert not found, "\n".join(found)
