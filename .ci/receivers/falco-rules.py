"""What Falco's engine does with a file of rules before its library compiles the conditions: keys, lists, macros, exceptions.

Arguments: FILE... -- COMMAND...; the command is falco-judge. What keys there are and how lists, macros and exceptions are put in was
learnt from falcosecurity/falco (Apache-2.0): userspace/engine/rule_json_schema.h, rule_loader_reader.cpp, rule_loader_compiler.cpp.
"""
import copy
import re
import subprocess
import sys

import jsonschema
import yaml

PRIORITIES = "EMERGENCY ALERT CRITICAL ERROR WARNING NOTICE INFO INFORMATIONAL DEBUG".split()
TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": {"type": "string"}}
FLAG = {"type": "boolean"}


def shape(required, optional=None):
    """A mapping with these keys and no others."""
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": {**required, **(optional or {})}}


SHAPES = {
    "required_engine_version": shape({"required_engine_version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"}}),
    "list": shape({"list": TEXT, "items": {"type": "array", "items": {"type": ["string", "integer"]}}}),
    "macro": shape({"macro": TEXT, "condition": TEXT}),
    "rule": shape(
        {"rule": TEXT, "desc": TEXT, "condition": TEXT, "output": TEXT, "priority": {"enum": PRIORITIES}},
        {
            "source": {"const": "syscall"}, "tags": TEXTS, "enabled": FLAG, "warn_evttypes": FLAG, "skip-if-unknown-filter": FLAG,
            "exceptions": {
                "type": "array",
                "items": shape({"name": TEXT, "fields": TEXTS, "comps": TEXTS}, {"values": {"type": "array", "items": {"type": "array"}}}),
            },
        },
    ),
}
LIST_OPERATORS = ("in", "pmatch", "intersects")
NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*\Z")
TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[(),]|[<>!=]+|[^\s(),=<>!\"']+|\s+|.")


class Refused(Exception):
    pass


def with_lists(condition, lists):
    """A name of a list stands for its items."""
    return "".join(", ".join(lists[token]) if token in lists else token for token in TOKEN.findall(condition))


def with_macros(condition, macros):
    """A word where a check may stand is a macro's name, and stands for its condition."""
    out, stack, before = [], [], None
    for token in TOKEN.findall(condition):
        if token.isspace():
            out.append(token)
            continue
        if token == "(":
            stack.append("list" if before in LIST_OPERATORS else "expression")
        elif token == ")":
            if not stack:
                raise Refused("a ) too many")
            stack.pop()
        may_be_check = before in (None, "(", "and", "or", "not") and (not stack or stack[-1] == "expression")
        if may_be_check and NAME.match(token) and token not in ("not", "and", "or"):
            if token not in macros:
                raise Refused(f"undefined macro {token!r}")
            out.append(f"({macros[token]})")
        else:
            out.append(token)
        before = token
    return "".join(out)


def with_exceptions(rule):
    condition = f"({rule['condition']})"
    names = [exception["name"] for exception in rule.get("exceptions", [])]
    if len(names) != len(set(names)):
        raise Refused("two exceptions of one name")
    for exception in rule.get("exceptions", []):
        fields, comps = exception["fields"], exception["comps"]
        if len(fields) != len(comps):
            raise Refused("an exception has as many comps as fields")
        ways = []
        for values in exception.get("values", []):
            if len(values) != len(fields):
                raise Refused("an exception has as many values as fields")
            parts = zip(fields, comps, values)
            ways.append(" and ".join(f"{f} {c} " + (f"({', '.join(v)})" if isinstance(v, list) else str(v)) for f, c, v in parts))
        if ways:
            condition += " and not (" + " or ".join(f"({way})" for way in ways) + ")"
    return condition


def ask(command, questions):
    text = "".join(f"{kind} {' '.join(words.split())}\n" for kind, words, _ in questions)
    answers = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)
    lines = answers.stdout.splitlines()
    if answers.returncode or len(lines) != len(questions):
        sys.exit(f"falco-judge failed: {answers.stderr.strip() or lines}")
    for (_, _, where), line in zip(questions, lines):
        if line != "ok":
            raise Refused(f"{where}: {line}")


def judge(entries, command):
    """Raises Refused, or returns how many rules were compiled."""
    lists, macros, names, questions, used = {}, {}, set(), [], ""
    if not isinstance(entries, list):
        raise Refused("no list")
    for entry in entries:
        kind = next((kind for kind in SHAPES if isinstance(entry, dict) and kind in entry), None)
        if kind is None:
            raise Refused(f"neither list, macro nor rule: {entry}")
        try:
            jsonschema.validate(entry, SHAPES[kind])
        except jsonschema.ValidationError as error:
            raise Refused(f"{entry[kind]}: {error.message}") from None
        if kind == "list":
            lists[entry["list"]] = [str(item) for name in entry["items"] for item in lists.get(name, [name])]
        elif kind == "macro":
            if not NAME.match(entry["macro"]):
                raise Refused(f"{entry['macro']!r} is no macro's name")
            macros[entry["macro"]] = with_macros(with_lists(entry["condition"], lists), macros)
            used += entry["condition"]
        elif kind == "rule":
            if entry["rule"] in names:
                raise Refused(f"two rules {entry['rule']!r}")
            names.add(entry["rule"])
            condition = with_exceptions(entry)
            used += condition
            compiled = with_macros(with_lists(condition, lists), macros)
            # An undefined list's name is a word like any other to Falco, and matches nothing. Here every list of paths holds paths.
            for word in re.findall(r"pmatch \(([^)]*)\)", compiled):
                for path in word.split(","):
                    if not path.strip().startswith("/"):
                        raise Refused(f"{entry['rule']}: {path.strip()!r} is neither a list nor a path")
            questions += [("C", compiled, entry["rule"]), ("O", entry["output"], entry["rule"])]
    unused = [name for name in [*lists, *macros] if not re.search(rf"\b{re.escape(name)}\b", used)]
    if unused:
        raise Refused(f"never used: {', '.join(unused)}")
    if not names:
        raise Refused("no rule")
    ask(command, questions)
    return len(names)


def damaged(entries):
    """Copies that are each wrong in one way, with what is wrong."""
    def rule(change):
        copied = copy.deepcopy(entries)
        change(next(entry for entry in copied if "rule" in entry))
        return copied

    def swap(key, old, new):
        return rule(lambda entry: entry.update({key: entry[key].replace(old, new, 1)}))

    first = lambda key: next(entry for entry in entries if key in entry)
    yield "an unknown key", rule(lambda entry: entry.update(severity="high"))
    yield "no priority", rule(lambda entry: entry.pop("priority"))
    yield "no output", rule(lambda entry: entry.pop("output"))
    yield "a priority that is none", rule(lambda entry: entry.update(priority="SEVERE"))
    yield "a parenthesis too few", rule(lambda entry: entry.update(condition=entry["condition"].rstrip()[:-1]))
    yield "a parenthesis too many", rule(lambda entry: entry.update(condition=entry["condition"] + ")"))
    yield "an unknown field in the condition", swap("condition", "fd.name", "fd.nam")
    yield "an unknown field in the output", swap("output", "%proc.name", "%proc.nme")
    yield "an unknown operator", swap("condition", "pmatch", "pmach")
    yield "an unknown kind of event", rule(lambda entry: entry.update(condition="evt.type in (opeen)"))
    yield "an undefined macro", [entry for entry in copy.deepcopy(entries) if entry.get("macro") != first("macro")["macro"]]
    yield "an undefined list", [entry for entry in copy.deepcopy(entries) if entry.get("list") != first("list")["list"]]
    yield "an exception with a value too few", rule(lambda entry: entry["exceptions"][0]["values"][0].pop())


def main():
    split = sys.argv.index("--")
    files, command = sys.argv[1:split], sys.argv[split + 1:]
    accepted = refused = 0
    for file in files:
        with open(file, encoding="utf-8") as text:
            entries = [entry for document in yaml.safe_load_all(text) for entry in document]
        try:
            rules = judge(entries, command)
        except Refused as why:
            sys.exit(f"{file}: {why}")
        print(f"{file}: {rules} rules, compiled by libsinsp")
        accepted += 1
        for what, copied in damaged(entries):
            try:
                judge(copied, command)
            except Refused as why:
                print(f"  refused, {what}: {why}")
                refused += 1
            else:
                sys.exit(f"{file}: a copy with {what} was accepted")
    print(f"falco-rules: {accepted} document{'s' * (accepted != 1)} accepted, {refused} damaged refused")


main()
