"""Reads a JUnit document with junitparser, as GitLab and Jenkins would: nothing may be dropped or merged, the counts must be right."""
import sys
from collections import Counter

from junitparser import Error, Failure, JUnitXml, Skipped

problems = []
cases, suites = Counter(), Counter()
document = JUnitXml.fromfile(sys.argv[1])
totals = Counter()
for suite in document:
    suites[(suite.name, suite._elem.get("id"), suite.timestamp)] += 1
    found = Counter()
    for case in suite:
        cases[(case.classname, case.name)] += 1
        found["tests"] += 1
        for result in case.result:
            found[{Failure: "failures", Error: "errors", Skipped: "skipped"}[type(result)]] += 1
    if not found["tests"]:
        problems.append(f"{suite.name}: Jenkins ignores a suite without cases")
    for what in ("tests", "failures", "errors", "skipped"):
        if getattr(suite, what) != found[what]:
            problems.append(f"{suite.name}: {what} is {getattr(suite, what)}, there are {found[what]}")
    totals += found
for what in ("tests", "failures", "errors"):
    if getattr(document, what) != totals[what]:
        problems.append(f"{what} is {getattr(document, what)}, there are {totals[what]}")
problems += [f"GitLab drops {key}" for key, count in cases.items() if count > 1]
problems += [f"Jenkins discards {key}" for key, count in suites.items() if count > 1]
if problems or not cases:
    sys.exit("\n".join(problems) or "no cases")
