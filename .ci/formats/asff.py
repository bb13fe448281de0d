"""Judges ASFF findings by botocore's model of BatchImportFindings.

botocore itself looks at members, types and least lengths. What is longest, which words there are and how texts look stands in the model
too, the lengths in its descriptions only: that part is checked here, from the same model.
"""
import json
import re
import sys
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from judged import judge

model = ServiceModel(Loader().load_service_model("securityhub", "service-2"))
request = model.operation_model("BatchImportFindings").input_shape
batch = request.members["Findings"].metadata["max"]
LIMITS = [
    ("length", r"Maximum (?:length )?of (\d+)(?: length)?\."),
    ("items", r"Maximum number of (\d+) items"),
    ("items", r"up to (\d+) key-value pairs"),
    ("key", r"the key can contain up to (\d+) characters"),
    ("value", r"the value can contain up to (\d+) characters"),
]


@lru_cache(maxsize=None)
def limits(documentation):
    words = re.sub(r"(?:<[^>]+>|\s)+", " ", documentation)
    found = {}
    for kind, pattern in LIMITS:
        match = re.search(pattern, words)
        if match:
            found[kind] = int(match.group(1))
    return found


def beyond(shape, value, where):
    """What the model says of the value and botocore does not look at."""
    limit = limits(shape.documentation or "")
    if shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{where}: {value} is none of {shape.enum}"
        if len(value.encode()) > limit.get("length", 2**20):
            yield f"{where}: {len(value.encode())} bytes, {limit['length']} are allowed"
        if shape.metadata.get("pattern") and not re.search(shape.metadata["pattern"], value):
            yield f"{where}: {value!r} does not look as it must"
    elif shape.type_name == "structure":
        for key, member in value.items():
            yield from beyond(shape.members[key], member, f"{where}.{key}")
    elif shape.type_name == "list":
        if len(value) > limit.get("items", 2**20):
            yield f"{where}: {len(value)} items"
        for number, member in enumerate(value):
            yield from beyond(shape.member, member, f"{where}[{number}]")
    elif shape.type_name == "map":
        if len(value) > limit.get("items", 2**20):
            yield f"{where}: {len(value)} pairs"
        for key, member in value.items():
            if len(key) > limit.get("key", 2**20) or len(member.encode()) > limit.get("value", 2**20):
                yield f"{where}.{key} is too long"
            yield from beyond(shape.value, member, f"{where}.{key}")


def rules(finding):
    """What the service wants and no model says."""
    if finding["SchemaVersion"] != "2018-10-08":
        yield f"schema version {finding['SchemaVersion']}"
    if not re.fullmatch(r"\d{12}", finding["AwsAccountId"]):
        yield f"account {finding['AwsAccountId']}"
    if not re.fullmatch(r"arn:aws[a-z-]*:securityhub:[a-z0-9-]+:\d{0,12}:product/.+/.+", finding["ProductArn"]):
        yield f"product {finding['ProductArn']}"
    if "Severity" not in finding and "Severity" not in finding.get("FindingProviderFields", {}):
        yield "no severity"
    if not finding.get("Types"):
        yield "no type"
    for key in ("CreatedAt", "UpdatedAt", "LastObservedAt"):
        try:
            if datetime.fromisoformat(finding[key].replace("Z", "+00:00")).tzinfo is None:
                yield f"{key} has no zone"
        except ValueError:
            yield f"{key} is no time"
    if len(json.dumps(finding).encode()) > 240 * 1024:
        yield "larger than 240 KB"


def problems(findings, _):
    found = []
    for start in range(0, len(findings), batch):
        piece = {"Findings": findings[start : start + batch]}
        report = ParamValidator().validate(piece, request)
        if report.has_errors():
            return report.generate_report().splitlines()
        found += beyond(request, piece, f"batch {start // batch}")
    for number, finding in enumerate(findings):
        found += [f"finding {number}: {text}" for text in rules(finding)]
    if len({finding["Id"] for finding in findings}) != len(findings):
        found.append("two findings have one Id")
    return found


def read(path):
    findings = json.loads(Path(path).read_text(encoding="utf-8"))
    if not findings:
        sys.exit(f"{path} holds no finding")
    return findings


def without(key):
    return lambda findings: findings[-1].pop(key)


def fit(key, value):
    return lambda findings: findings[-1].__setitem__(key, value)


judge(
    "asff",
    sys.argv[1:],
    read,
    problems,
    [
        ("no Id", without("Id")),
        ("no resources", without("Resources")),
        ("no generator", without("GeneratorId")),
        ("no severity", lambda findings: (findings[-1].pop("Severity"), findings[-1].pop("FindingProviderFields"))),
        ("a title too long", fit("Title", "x" * 257)),
        ("a description too long", fit("Description", "x" * 1025)),
        ("a description of nothing", fit("Description", " ")),
        ("a field too long", lambda findings: findings[-1]["ProductFields"].update(a="x" * 2049)),
        ("too many fields", fit("ProductFields", {f"k{n}": "v" for n in range(51)})),
        ("too many resources", lambda findings: findings[-1].update(Resources=findings[-1]["Resources"] * 33)),
        ("a label that is none", lambda findings: findings[-1]["Severity"].update(Label="URGENT")),
        ("a status that is none", lambda findings: findings[-1]["Compliance"].update(Status="PASS")),
        ("a state that is none", fit("RecordState", "RESOLVED")),
        ("a key that is none", fit("Verdict", "fail")),
        ("a number for text", fit("Title", 1)),
        ("a time without a zone", fit("UpdatedAt", "2026-01-31T10:00:00")),
        ("an account that is none", fit("AwsAccountId", "12345")),
        ("one Id twice", lambda findings: findings.append(dict(findings[-1]))),
    ],
    18,
)
