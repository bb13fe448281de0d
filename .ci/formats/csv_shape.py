"""Reads CSV strictly: the shape of RFC 4180, the columns, and that a spreadsheet would take no cell for a formula."""
import csv
import hashlib
import re
import sys

import clevercsv

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    text = file.read()
problems = []
if not text.endswith("\r\n") or re.search(r"(?<!\r)\n|\r(?!\n)", text):
    problems.append("a line does not end in CR LF")
rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
if rows != list(clevercsv.reader(text.splitlines(keepends=True), delimiter=",", quotechar='"', doublequote=True)):
    problems.append("two readers disagree")
header, rows = rows[0], rows[1:]
if len(set(header)) != len(header) or "" in header:
    problems.append("a column has no name of its own")
seen = set()
for number, row in enumerate(rows, 2):
    if len(row) != len(header):
        problems.append(f"row {number} has {len(row)} cells, the header {len(header)}")
        continue
    of = dict(zip(header, row))
    for name, cell in of.items():
        # What a spreadsheet takes for a formula, at the front or where a locale separates by semicolons.
        if any(re.match(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]", part) for part in cell.split(";")):
            problems.append(f"row {number}: {name} is a formula")
        if re.search(r"[\x00-\x1f\x7f-\x9f]", cell):
            problems.append(f"row {number}: {name} holds a control character")
    if of["kind"] == "missing":
        continue
    if of["fingerprint"] in seen:
        problems.append(f"row {number}: the finding stands there twice")
    seen.add(of["fingerprint"])
    if of["identity"][:1] != "'" and of["fingerprint"] != hashlib.sha256(of["identity"].encode()).hexdigest():
        problems.append(f"row {number}: the fingerprint is none of this identity")
    if not of["status"] and of["change"] != "gone":
        problems.append(f"row {number} has no status")
if problems or not rows:
    sys.exit("\n".join(problems[:20]) or "no rows")
