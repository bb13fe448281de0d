"""Writes a damaged copy of a document: damage.py FILE OUT FROM TO replaces the first match of a pattern. Ends with 1 if nothing did."""
import re
import sys

source, out, pattern, to = sys.argv[1:]
with open(source, encoding="utf-8", newline="") as file:
    text = file.read()
damaged, count = re.subn(pattern, to, text, count=1, flags=re.S)
if count == 0 or damaged == text:
    sys.exit(f"nothing in {source} looks like {pattern}")
with open(out, "w", encoding="utf-8", newline="") as file:
    file.write(damaged)
