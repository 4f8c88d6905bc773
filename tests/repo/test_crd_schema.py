"""The CRDs say what every field means and bound whatever a user can write."""
import pytest
import yaml
from render import ROOT

FILES = sorted((ROOT / "crds").glob("errand.dev_*.yaml"))
SCHEMA_KEYS = {
    "type", "description", "properties", "required", "items", "additionalProperties", "enum", "default", "format",
    "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems", "maxItems", "maxProperties",
    "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations"}


def schema_of(file):
    version, = yaml.safe_load(file.read_text())["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]


def walk(schema, path=""):
    """Every schema node that belongs to us with its path; the object's own apiVersion, kind, metadata do not."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        if path or name in ("spec", "status"):
            yield from walk(child, f"{path}.{name}")
    for field in ("items", "additionalProperties"):
        if field in schema:
            yield from walk(schema[field], path + "[]")


NODES = [pytest.param(path, node, id=file.stem.removeprefix("errand.dev_") + path)
         for file in FILES for path, node in walk(schema_of(file))]


def test_every_kind_is_there():
    assert [f.stem for f in FILES] == ["errand.dev_agentidentities", "errand.dev_exemptions", "errand.dev_taskgrants"]
    assert len(NODES) > 150


@pytest.mark.parametrize("path, node", NODES)
def test_a_field_is_described_and_bounded(path, node):
    # A comma in an unquoted YAML flow mapping makes a stray key that the API server drops in silence.
    assert not set(node) - SCHEMA_KEYS
    if not path.endswith("[]"):
        assert node["description"].endswith("."), node["description"]
    kind = node["type"]
    assert kind != "boolean", "an enum can grow, a boolean cannot"
    if kind == "string":
        assert "maxLength" in node or "enum" in node or node.get("format") == "date-time"
    if kind == "array":
        assert "maxItems" in node
        assert node["x-kubernetes-list-type"] in ("map", "atomic", "set")
        if node["items"]["type"] == "object" and "matchExpressions" not in path:
            assert node["x-kubernetes-list-type"] == "map"
    if kind == "object":
        assert node.get("properties") or "maxProperties" in node
    if kind == "integer":
        assert "minimum" in node and node["format"] in ("int32", "int64")


@pytest.mark.parametrize("path, node", [p for p in NODES if "x-kubernetes-validations" in p.values[1]])
def test_a_rule_says_what_to_do(path, node):
    assert path is not None
    for rule in node["x-kubernetes-validations"]:
        assert set(rule) <= {"rule", "message", "fieldPath", "reason"}
        assert len(rule["message"]) > 20 and rule["reason"].startswith("FieldValue")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_columns_and_selectors_show_fields_that_exist(file):
    version, = yaml.safe_load(file.read_text())["spec"]["versions"]
    fields = {path for path, _ in walk(schema_of(file))} | {".metadata.creationTimestamp"}
    for column in version["additionalPrinterColumns"] + version["selectableFields"]:
        path = column["jsonPath"].replace('[?(@.type=="Ready")]', "[]").replace("[*]", "[]")
        assert path in fields
