"""Reads metrics with Prometheus' own client library. What that does not look at is looked at here: series that stand twice, a metric
that stands in two places, and the end of the last line."""

import sys

from prometheus_client.parser import text_string_to_metric_families

text = open(sys.argv[1], encoding="utf-8", newline="").read()
if not text.endswith("\n"):
    sys.exit("the last line does not end")
seen, families = set(), []
for family in text_string_to_metric_families(text):
    if not family.documentation or family.type == "unknown":
        sys.exit(f"{family.name} has no help or no type")
    if family.name in families:
        sys.exit(f"{family.name} stands in two places")
    families.append(family.name)
    for sample in family.samples:
        series = (sample.name, tuple(sorted(sample.labels.items())))
        if series in seen:
            sys.exit(f"{series} stands twice")
        seen.add(series)
written = sum(1 for line in text.splitlines() if line and not line.startswith("#"))
if written != len(seen):
    sys.exit(f"{written} samples are written and {len(seen)} were read")
