"""What the readers' scripts share: good documents must be accepted, damaged copies of each refused."""
import copy
import sys


class Absent(Exception):
    """The document has no place for this damage."""


def first(items, holds=lambda item: True):
    """The first that holds; there may be none to damage."""
    for item in items:
        if holds(item):
            return item
    raise Absent


def judge(name, files, read, problems, damages, least):
    """Ends the process: 0 only if `problems(document)` is empty for each file and not for any damaged copy.

    `damages` are pairs of words and a function that changes a document in place. At least `least` of them must fit each document, so
    that a document without anything in it proves nothing.
    """
    if not files:
        sys.exit(f"usage: .ci/formats/{name} FILE…")
    wrong, refused = 0, 0
    for path in files:
        document = read(path)
        found = problems(document, path)
        for problem in found[:10]:
            print(f"  {problem}")
        if found:
            wrong += 1
            print(f"{path}: refused, {len(found)} problems")
            continue
        fitting, accepted = 0, []
        for words, damage in damages:
            damaged = copy.deepcopy(document)
            try:
                damage(damaged)
            except (Absent, KeyError, IndexError):
                continue
            fitting += 1
            if problems(damaged, path):
                refused += 1
            else:
                accepted.append(words)
        if accepted or fitting < least:
            wrong += 1
        for words in accepted:
            print(f"  accepted though damaged: {words}")
        print(f"{path}: accepted, {fitting - len(accepted)} of {fitting} damaged copies refused")
    if wrong:
        sys.exit(f"{name}: {wrong} of {len(files)} documents did not hold")
    print(f"{name}: {len(files)} documents accepted, {refused} damaged refused")
