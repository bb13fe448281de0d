"""Prints the PromQL expressions of a Grafana dashboard as a rule file, for promtool, and refuses a dashboard that would not work on
another server: a fixed data source, a variable that is not declared, panels that share an id or lie upon each other."""

import json
import re
import sys

dashboard = json.load(open(sys.argv[1], encoding="utf-8"))
variables = {variable["name"] for variable in dashboard["templating"]["list"]}
expressions, ids, places = [], set(), set()


def sources(value):
    """All data sources that are named."""
    if isinstance(value, dict):
        if "datasource" in value:
            yield value["datasource"]
        for part in value.values():
            yield from sources(part)
    elif isinstance(value, list):
        for part in value:
            yield from sources(part)


for source in sources(dashboard):
    if source != {"type": "prometheus", "uid": "${datasource}"}:
        sys.exit(f"a data source is fixed: {source}")
for panel in dashboard["panels"]:
    if panel["id"] in ids or not panel["targets"]:
        sys.exit(f"panel {panel['title']}: its id is another's, or it shows nothing")
    ids.add(panel["id"])
    at = panel["gridPos"]
    for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
        if cell in places or cell[0] >= 24:
            sys.exit(f"panel {panel['title']} lies upon another or beyond the edge")
        places.add(cell)
    expressions += [target["expr"] for target in panel["targets"]]
queries = [v["definition"] for v in dashboard["templating"]["list"] if v["type"] == "query"]
for query in queries:
    expressions.append(re.fullmatch(r"label_values\((.*), \w+\)", query).group(1))
for expression in expressions + queries:
    for name in re.findall(r"\$\{?(\w+)", expression):
        if name not in variables:
            sys.exit(f"${name} is not declared: {expression}")
rules = [
    {"record": f"dashboard:expression:{number}", "expr": re.sub(r"\$\{?\w+\}?", ".*", expression)}
    for number, expression in enumerate(expressions)
]
# JSON is YAML.
print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
