"""Judges lines of OCSF events by the compiled schema of the version that each names."""
import json
import sys
from pathlib import Path

import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from judged import judge

VERSION = "1.8.0"
base = get_ocsf_schema(version=VERSION)
schema = OcsfJsonSchemaEmbedded(base).get_class_schema(class_name="compliance_finding", profiles=[])
validator = jsonschema.Draft202012Validator(schema)


def read(path):
    events = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    if not events:
        sys.exit(f"{path} is empty")
    return events


def captions(where, event):
    """The schema says which word stands for a number, but its JSON form does not hold the two together."""
    for key in [key for key in event if key.endswith("_id")]:
        enum = where["attributes"].get(key, {}).get("enum")
        word = event.get(key.removesuffix("_id") if key != "activity_id" else "activity_name")
        if enum and word is not None and str(event[key]) != "99" and word != enum[str(event[key])]["caption"]:
            yield f"{key} is {event[key]} and its word {word}"


def problems(events, _):
    found = []
    for number, event in enumerate(events, 1):
        found += [f"line {number}, {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(event)]
        if found:
            break
        found += [f"line {number}: {text}" for text in captions(base["classes"]["compliance_finding"], event)]
        found += [f"line {number}: {text}" for text in captions(base["objects"]["compliance"], event["compliance"])]
        if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
            found.append(f"line {number}: type_uid {event['type_uid']}")
        if event["metadata"]["version"] != VERSION:
            found.append(f"line {number}: version {event['metadata']['version']}")
        # Seconds where milliseconds belong would be a day of January 1970.
        if 0 < event["time"] < 10**11:
            found.append(f"line {number}: time {event['time']} is not in milliseconds")
    return found


def fit(key, value):
    return lambda events: events[-1].__setitem__(key, value)


judge(
    "ocsf",
    sys.argv[1:],
    read,
    problems,
    [
        ("no class", lambda events: events[-1].pop("class_uid")),
        ("no version", lambda events: events[-1]["metadata"].pop("version")),
        ("no identity", lambda events: events[-1]["finding_info"].pop("uid")),
        ("no compliance", lambda events: events[-1].pop("compliance")),
        ("a status that is none", lambda events: events[-1]["compliance"].update(status_id=7)),
        ("a status of another word", lambda events: events[0]["compliance"].update(status_id=1, status="Fail")),
        ("a severity that is none", fit("severity_id", 42)),
        ("an activity that is none", fit("activity_id", 9)),
        ("a type of another activity", fit("type_uid", 200399)),
        ("a time in seconds", lambda events: events[-1].update(time=events[-1]["time"] // 1000)),
        ("a time in words", fit("time", "2026-01-31T10:00:00Z")),
        ("a key that is none", fit("verdict", "fail")),
        ("resources that are no list", fit("resources", {"name": "node1"})),
        ("a remedy without words", fit("remediation", {"references": ["x"]})),
    ],
    14,
)
