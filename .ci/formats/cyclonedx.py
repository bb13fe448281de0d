"""Validates CycloneDX 1.6 JSON strictly, with cyclonedx-python-lib, and shows that damaged copies are refused."""

import copy
import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_6)


def damage(document):
    """Damaged copies, each with what is wrong with it."""

    def changed(what, path, value):
        new = copy.deepcopy(document)
        place = new
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return what, new

    entry = ["declarations", "attestations", 0, "map", 0]
    yield changed("a word that is no format", ["bomFormat"], "Seaworthy")
    yield changed("a serial number that is no UUID", ["serialNumber"], "urn:uuid:1")
    yield changed("a time that is none", ["metadata", "timestamp"], "yesterday")
    yield changed("a score above one", [*entry, "conformance", "score"], 2)
    yield changed("a claim that is no list", [*entry, "claims"], "claim")
    yield changed("a field that is not known", [*entry, "verdict"], "fail")
    yield changed("a requirement that is no text", ["definitions", "standards", 0, "requirements", 0, "title"], 1)
    yield changed("a target of no type", ["declarations", "targets", "components", 0, "type"], "node")


accepted = refused = 0
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    error = validator.validate_str(text)
    if error:
        sys.exit(f"{name}: refused: {error}")
    accepted += 1
    for what, damaged in damage(json.loads(text)):
        if not validator.validate_str(json.dumps(damaged)):
            sys.exit(f"{name}: accepted with {what}")
        refused += 1
    print(f"{name}: accepted")
print(f"cyclonedx: {accepted} documents accepted, {refused} damaged refused")
