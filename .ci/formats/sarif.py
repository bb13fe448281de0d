"""Judges SARIF logs with Sarif.Multitool and the schema in its package.

The tool's exit code is 0 whatever it finds, so its own log is read. It reads over words that are none in the schema's lists, so the
schema is asked as well.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema

from judged import Absent, first, judge

tool, files = sys.argv[1], sys.argv[2:]
folder = tempfile.TemporaryDirectory()
scratch = Path(folder.name)
checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
schema_text = (Path(tool).parent / "sarif-2.1.0.json").read_text(encoding="utf-8")
schema = jsonschema.Draft202012Validator(json.loads(schema_text), format_checker=checker)


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def results(log):
    return [result for run in log["runs"] for result in run.get("results", [])]


def for_github(log):
    """Whether it is of the profile whose results bear the one fingerprint that GitHub reads."""
    prints = [result.get("partialFingerprints", {}) for result in results(log)]
    return any("primaryLocationLineHash" in print_ for print_ in prints)


def problems(document, _):
    broken = [f"{error.json_path}: {error.message[:200]}" for error in schema.iter_errors(document)]
    return broken or by_the_tool(document)


def by_the_tool(document):
    log, verdict = scratch / "log.sarif", scratch / "verdict.sarif"
    log.write_text(json.dumps(document), encoding="utf-8")
    verdict.unlink(missing_ok=True)
    kinds = "Sarif;Ghas" if for_github(document) else "Sarif"
    command = [tool, "validate", str(log), "--output", str(verdict), "--log", "ForceOverwrite"]
    done = subprocess.run([*command, "--level", "Error", "--rule-kind", kinds], capture_output=True, text=True, check=False)
    if not verdict.exists():
        return [f"the tool wrote nothing: {done.stdout[-500:]}{done.stderr[-500:]}"]
    run = read(verdict)["runs"][0]
    found = []
    if not run["invocations"][0]["executionSuccessful"]:
        found.append("the tool could not read it")
    for result in run.get("results", []):
        if result.get("level", "warning") == "error":
            found.append(f"{result['ruleId']} {json.dumps(result['message'])}")
    # The standard's 3.27.10, which the tool does not know.
    for run in document.get("runs", []):
        for result in run.get("results", []):
            if isinstance(result, dict) and result.get("kind", "fail") != "fail" and result.get("level") != "none":
                found.append(f"{result.get('ruleId')}: a level beside kind {result['kind']}")
    return found


def place(log):
    placed = first(results(log), lambda result: "physicalLocation" in result.get("locations", [{}])[0])
    return placed["locations"][0]["physicalLocation"]


def no_message(log):
    del first(results(log))["message"]


def no_tool(log):
    del log["runs"][0]["tool"]


def no_rule_id(log):
    del first(rule for run in log["runs"] for rule in run["tool"]["driver"]["rules"])["id"]


def fit(key, value):
    return lambda log: first(results(log)).__setitem__(key, value)


def no_place(log):
    if not for_github(log):
        raise Absent
    del first(results(log))["locations"]


def no_help(log):
    if not for_github(log):
        raise Absent
    del first(rule for run in log["runs"] for rule in run["tool"]["driver"]["rules"])["help"]


DAMAGES = [
    ("a result without a message", no_message),
    ("a run without a tool", no_tool),
    ("a rule without an id", no_rule_id),
    ("a kind that is none", fit("kind", "failed")),
    ("a level that is none", fit("level", "fatal")),
    ("a rule that is not in the list", fit("ruleIndex", 9999)),
    ("a baseline state that is none", fit("baselineState", "fixed")),
    ("a key that is none", fit("severity", "high")),
    ("a fingerprint that is no text", fit("partialFingerprints", {"seaworthyFinding/v1": 1})),
    ("a GUID that is none", fit("correlationGuid", "1")),
    ("a suppression of no kind", fit("suppressions", [{"status": "accepted"}])),
    ("a pass with a level", lambda log: first(results(log)).update(kind="pass", level="error")),
    ("a line before the first", lambda log: place(log).update(region={"startLine": 0})),
    ("a version that is none", lambda log: log.update(version="9.9")),
    ("for GitHub a result without a place", no_place),
    ("for GitHub a rule without help", no_help),
]


judge("sarif", files, read, problems, DAMAGES, 10)
