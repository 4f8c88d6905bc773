"""The arrows of ARCHITECTURE.md: which folder may include which, and where heavy headers may be."""
import re

from render import ROOT

CODE = ("core", "rules", "operator", "webhook", "cli")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

# A file below the key may include project headers below these alone.
ALLOWED = {
    "core/base": ("core/base",),
    "core/json": ("core/json", "core/base"),
    "core/api": ("core/api", "core/json", "core/base"),
    "core/kube": ("core/kube", "core/api", "core/json", "core/base"),
    "core/policy": ("core/policy", "core/api", "core/base"),
    "core/serve": ("core/serve", "core/api", "core/base"),
    "core/daemon": ("core/daemon", "core/kube", "core/serve", "core/api", "core/base"),
    "rules/literals": ("rules/literals", "core/base"),
    "rules/view": ("rules/view", "rules/literals", "core/policy", "core/api", "core/json", "core/base"),
    "rules": ("rules", "core/policy", "core/api", "core/json", "core/base"),
    "operator/plan": ("operator/plan", "core/policy", "core/api", "core/base"),
    "operator/state": ("operator/state", "operator/plan", "core"),
    "operator/apply": ("operator/apply", "operator/state", "operator/plan", "core"),
    "operator/certificates": ("operator/certificates", "core"),
    "operator/keys": ("operator/keys", "core/base"),
    "operator/guards": ("operator/guards", "operator/plan", "core"),
    "operator/control": ("operator/guards", "operator/control", "operator/apply", "operator/state", "operator/plan", "core"),
    "operator/main.cpp": ("operator", "core"),
    "webhook": ("webhook", "rules", "core"),
    # The command line checks files by the same rules as the webhook: a second catalogue would drift.
    "cli": ("cli", "rules", "core"),
}

# Third-party headers that cost seconds to compile or decide how a module works: where they may be.
CONFINED = {
    r"^cpprest/|^pplx/": r"^core/kube/http/[^/]+\.cpp$",
    r"^boost/beast|^boost/asio": r"^core/(serve/(http|io)/[^/]+|kube/http/[^/]+\.cpp)",
    r"^spdlog/": r"^core/base/log\.cpp$",
    r"^prometheus/": r"^core/base/metrics\.cpp$",
    r"^simdjson": r"^core/json/document\.hpp$",
    r"^re2/": r"^rules/literals/[^.]+\.cpp$",
    r"^yaml-cpp/": r"^(cli/yaml/|core/kube/config/kubeconfig\.cpp$)",
    r"^CLI/": r"(main|flags)\.cpp$|^core/daemon/flags|^cli/command/",
}

# Only codecs' own headers may name the whole of nlohmann/json; all others include json_fwd.
JSON_HEADERS = re.compile(r"^core/api/table/(value|codec)\.hpp$")

# Headers that bring in all of simdjson: .cpp files include them, and headers of readers.
READER = re.compile(r"^core/json/(node|document)\.hpp$")
READER_HEADERS = re.compile(r"^(core/json|core/api/table|rules/view/read)/")

# nlohmann only writes: its parser takes the last of two keys, and would see another object than ours.
PARSED = re.compile(r"\b[jJ]son::(parse|sax_parse|accept|from_\w+)\s*\(")


def sources():
    for top in CODE:
        yield from sorted(p for p in (ROOT / top).rglob("*") if p.suffix in (".cpp", ".hpp"))


def includes(path):
    return [(quote == '"', name) for quote, name in INCLUDE.findall(path.read_text())]


def rule_for(relative):
    matches = [k for k in ALLOWED if relative == k or relative.startswith(k + "/")]
    return ALLOWED[max(matches, key=len)] if matches else None


def test_there_is_something_to_check():
    assert len(list(sources())) > 20


def test_arrows_point_one_way():
    wrong = []
    for path in sources():
        relative = path.relative_to(ROOT).as_posix()
        allowed = rule_for(relative)
        if allowed is None:
            wrong.append(f"{relative}: no rule says what it may include")
            continue
        for own, name in includes(path):
            if own and not any(name == a or name.startswith(a + "/") for a in allowed):
                wrong.append(f"{relative} includes {name}")
    assert not wrong, "\n".join(wrong)


def test_own_headers_are_named_from_the_root():
    wrong = [f"{p.relative_to(ROOT)} includes {n}" for p in sources() for own, n in includes(p) if own and not (ROOT / n).is_file()]
    assert not wrong, "\n".join(wrong)


def test_heavy_headers_stay_where_they_belong():
    wrong = []
    for path in sources():
        relative = path.relative_to(ROOT).as_posix()
        for own, name in includes(path):
            for pattern, place in CONFINED.items():
                if not own and re.search(pattern, name) and not re.search(place, relative):
                    wrong.append(f"{relative} includes <{name}>")
            if name == "nlohmann/json.hpp" and path.suffix != ".cpp" and not JSON_HEADERS.match(relative):
                wrong.append(f"{relative} includes <{name}>; use json_fwd.hpp")
    assert not wrong, "\n".join(wrong)


def test_headers_do_not_bring_in_the_reader():
    wrong = []
    for path in sources():
        relative = path.relative_to(ROOT).as_posix()
        if path.suffix == ".hpp" and not READER_HEADERS.match(relative):
            wrong += [f"{relative} includes {name}" for own, name in includes(path) if own and READER.match(name)]
    assert not wrong, "\n".join(wrong)


def test_json_has_one_parser():
    wrong = [f"{p.relative_to(ROOT)}: {m[0]}…" for p in sources() for m in PARSED.finditer(p.read_text())]
    assert not wrong, "core/json parses:\n" + "\n".join(wrong)
    assert PARSED.search("nlohmann::json::parse(text, nullptr, false)")


def test_cpprestsdk_is_in_one_file():
    users = [p.relative_to(ROOT).as_posix() for p in sources() if any(n.startswith("cpprest/") for _, n in includes(p))]
    assert len(users) <= 1, users


def test_no_file_is_over_500_lines():
    long = [f"{p.relative_to(ROOT)}: {n}" for p in sources() if (n := len(p.read_text().splitlines())) > 500]
    assert not long, "\n".join(long)
