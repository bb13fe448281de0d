"""Takes an ARF collection apart, arf.py FILE FOLDER: each Benchmark and TestResult in a file part-N.xml, and
all of them in whole.xml. Ends with 1 if something in it
refers to what is not there."""
import sys
import xml.etree.ElementTree as tree
from pathlib import Path

ARF = "{http://scap.nist.gov/schema/asset-reporting-format/1.1}"
CORE = "{http://scap.nist.gov/schema/reporting-core/1.1}"
XCCDF = "{http://checklists.nist.gov/xccdf/1.2}"
tree.register_namespace("", XCCDF[1:-1])

root = tree.parse(sys.argv[1]).getroot()
folder = Path(sys.argv[2])
for old in folder.glob("part-*.xml"):
    old.unlink()
ids = {kind: [e.get("id") for e in root.iter(ARF + kind)] for kind in ("report-request", "asset", "report")}
everything = sum(ids.values(), [])
problems = []
if len(set(everything)) != len(everything):
    problems.append("an id stands there twice")
about = {}
for relationship in root.iter(CORE + "relationship"):
    subject, kind = relationship.get("subject"), relationship.get("type").split(":")[-1]
    wanted = {"createdFor": "report-request", "isAbout": "asset"}[kind]
    about.setdefault(subject, {})[kind] = relationship.find(CORE + "ref").text
    if subject not in ids["report"]:
        problems.append(f"{subject} is no report")
    problems += [f"{ref.text} is no {wanted}" for ref in relationship.findall(CORE + "ref") if ref.text not in ids[wanted]]
for report in root.iter(ARF + "report"):
    ties = about.get(report.get("id"), {})
    if set(ties) != {"createdFor", "isAbout"}:
        problems.append(f"{report.get('id')} is not tied to both")
    for reference in report.iter(XCCDF + "target-id-ref"):
        if reference.get("name") != ties.get("isAbout"):
            problems.append(f"{report.get('id')} names another asset")
parts = list(root.iter(XCCDF + "Benchmark")) + list(root.iter(XCCDF + "TestResult"))
if len(parts) != 1 + len(ids["report"]):
    problems.append("a Benchmark or a TestResult is missing")
for number, part in enumerate(parts):
    tree.ElementTree(part).write(folder / f"part-{number}.xml", encoding="utf-8", xml_declaration=True)
whole = parts[0]
whole.extend(parts[1:])
tree.ElementTree(whole).write(folder / "whole.xml", encoding="utf-8", xml_declaration=True)
if problems:
    sys.exit("\n".join(problems))
