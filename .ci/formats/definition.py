"""Judges a List of API objects by a CustomResourceDefinition, and shows that damaged copies are refused.

A server drops fields that the definition does not know without a word, so here every object is closed: an unknown field is an error. Names
and labels are judged by the rules that the API has for them, which no definition says.
"""

import copy
import json
import sys

import jsonschema
import yaml

name, definition, version, *files = sys.argv[1:]
definition = yaml.safe_load(open(definition, encoding="utf-8"))
spec = definition["spec"]
served = next(v for v in spec["versions"] if v["name"] == version and v["served"])

SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
VALUE = r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]"


def closed(schema):
    """The schema with every object closed, and whole numbers within their formats."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        schema.setdefault("additionalProperties", False)
    if schema.get("format") in ("int32", "int64"):
        bits = int(schema["format"][3:]) - 1
        schema.update(minimum=-(2**bits), maximum=2**bits - 1)
    return schema


schema = closed(served["schema"]["openAPIV3Schema"])
schema["properties"].update(
    apiVersion={"const": f"{spec['group']}/{version}"},
    kind={"const": spec["names"]["kind"]},
    metadata={
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "maxLength": 253, "pattern": f"^{SUBDOMAIN}\\Z"},
            "labels": {"type": "object", "additionalProperties": {"type": "string", "pattern": f"^({VALUE})?\\Z"}},
        },
    },
)
schema["required"] = ["apiVersion", "kind", "metadata"]
validator = jsonschema.Draft202012Validator(schema)


def problem(document):
    """What is wrong with the list; none if nothing is."""
    if document.get("apiVersion") != "v1" or document.get("kind") != "List":
        return "no List"
    names = set()
    for item in document["items"]:
        for error in validator.iter_errors(item):
            return f"{error.json_path}: {error.message[:200]}"
        text = json.dumps(item)
        if len(text) > 1_000_000:
            return f"{item['metadata']['name']}: {len(text)} bytes"
        if item["metadata"]["name"] in names:
            return f"{item['metadata']['name']} stands twice"
        names.add(item["metadata"]["name"])
    return None


def damage(document):
    """Damaged copies, each with what is wrong with it."""

    def changed(what, change):
        new = copy.deepcopy(document)
        change(new["items"][0])
        return what, new

    result = lambda item: item["results"][0]
    yield changed("info as a result", lambda item: result(item).update(result="info"))
    yield changed("a result in capitals", lambda item: result(item).update(result="PASS"))
    yield changed("no policy", lambda item: result(item).pop("policy"))
    yield changed("a time as text", lambda item: result(item).update(timestamp="2026-01-31T10:00:00Z"))
    yield changed("a time without nanos", lambda item: result(item)["timestamp"].pop("nanos"))
    yield changed("a number as a property", lambda item: result(item)["properties"].update(level=1))
    yield changed("an unknown severity", lambda item: result(item).update(severity="none"))
    yield changed("a field of another version", lambda item: result(item).update(subjects=[]))
    yield changed("a count as text", lambda item: item["summary"].update(fail="1"))
    yield changed("a name in capitals", lambda item: item["metadata"].update(name="Node1"))
    yield changed("a name with an underscore", lambda item: item["metadata"].update(name="node_1"))
    yield changed("another kind", lambda item: item.update(kind="Report"))
    yield changed("2 MB", lambda item: result(item)["properties"].update(actual="a" * 2_000_000))
    twice = copy.deepcopy(document)
    twice["items"].append(twice["items"][0])
    yield "an object twice", twice


accepted = refused = 0
for file in files:
    document = json.load(open(file, encoding="utf-8"))
    if found := problem(document):
        sys.exit(f"{file}: refused: {found}")
    accepted += 1
    for what, damaged in damage(document):
        if not problem(damaged):
            sys.exit(f"{file}: accepted with {what}")
        refused += 1
    print(f"{file}: accepted, {len(document['items'])} objects")
print(f"{name}: {accepted} documents accepted, {refused} damaged refused")
