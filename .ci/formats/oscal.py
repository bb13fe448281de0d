"""Judges OSCAL assessment results with compliance-trestle: `trestle import`, then `trestle validate`."""
import contextlib
import io
import json
import logging
import sys
import tempfile
from pathlib import Path

from trestle.cli import Trestle

from judged import first, judge

files = sys.argv[1:]
folder = tempfile.TemporaryDirectory()
workspace, outside = Path(folder.name) / "workspace", Path(folder.name) / "outside"
workspace.mkdir()
outside.mkdir()


class Heard(logging.Handler):
    """What trestle logs."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage()[:300])


heard = Heard()
logging.getLogger("trestle").addHandler(heard)


def trestle(*arguments):
    """The command's exit code."""
    sys.argv = ["trestle", *arguments, "--trestle-root", str(workspace)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            return Trestle().run()
        except SystemExit as end:
            return end.code


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


count = 0


def problems(document, _):
    global count
    count += 1
    name = f"document{count}"
    file = outside / f"{name}.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    heard.lines = []
    for arguments in (["import", "-f", str(file), "-o", name], ["validate", "-t", "assessment-results", "-n", name]):
        if trestle(*arguments) != 0:
            return [f"trestle {arguments[0]}: {' '.join(heard.lines)}"]
    # trestle takes any version.
    version = document["assessment-results"]["metadata"]["oscal-version"]
    return [] if version == "1.2.1" else [f"oscal-version is {version}"]


def top(document):
    return document["assessment-results"]


def entry(document, key):
    """The first observation, finding or risk."""
    return first(entry for result in top(document)["results"] for entry in result.get(key, []))


def without(key):
    return lambda document: top(document).pop(key)


def of_entry(key, change):
    return lambda document: change(entry(document, key))


if trestle("init", "--local") != 0:
    sys.exit("trestle made no workspace")

judge(
    "oscal",
    files,
    read,
    problems,
    [
        ("no plan", without("import-ap")),
        ("no metadata", without("metadata")),
        ("no reviewed controls", lambda document: top(document)["results"][0].pop("reviewed-controls")),
        ("no start", lambda document: top(document)["results"][0].pop("start")),
        ("an observation without methods", of_entry("observations", lambda it: it.pop("methods"))),
        ("an observation without a time", of_entry("observations", lambda it: it.pop("collected"))),
        ("a time without a zone", of_entry("observations", lambda it: it.update(collected="2026-01-31T10:00:00"))),
        ("a property without a value", of_entry("observations", lambda it: it["props"][0].update(value=""))),
        ("a property of two lines", of_entry("observations", lambda it: it["props"][0].update(value="a\nb"))),
        ("a UUID twice", of_entry("observations", lambda it: it.update(uuid=it["subjects"][0]["subject-uuid"]))),
        ("a UUID that is none", of_entry("observations", lambda it: it.update(uuid="1"))),
        ("a key that is none", of_entry("observations", lambda it: it.update(severity="high"))),
        ("a state that is none", of_entry("findings", lambda it: it["target"]["status"].update(state="failed"))),
        ("a target that is no token", of_entry("findings", lambda it: it["target"].update({"target-id": "1.1.1"}))),
        ("a finding without a target", of_entry("findings", lambda it: it.pop("target"))),
    ],
    12,
)
