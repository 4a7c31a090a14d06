#!/usr/bin/python3
"""Whatever is on a log can be read for ever, and commands and replies while processes of two releases talk to each
other: holds today's schemas and golden files against those that were released.

    released.py check [SCHEMA_FOLDER]     refuses what cannot read, or write again, what was released
    released.py record [SCHEMA_FOLDER]    releases what there is: writes SCHEMA_FOLDER/released.json

released.json has the schemas as they were, and of each golden file how many lines it had and the SHA-256 of these. It
is itself held against each of its versions in git's history, so that nothing leaves it again.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

RECORD = "released.json"
KINDS = ["events", "commands"]  # what stands on a log, or a topic, for longer than the program that wrote it
FRAMES = ["envelope", "command_envelope", "reply"]
WHOLE = ["whole_commands", "replies"]  # golden files of more than one schema
ANNOTATIONS = {"$schema", "$id", "title", "description", "examples", "x-cpp"}  # say nothing about bytes
LOWER, UPPER = ["minLength", "minItems", "minimum"], ["maxLength", "maxItems", "maximum"]


def load(path):
    return json.loads(path.read_text())


def golden_lines(folder, name):
    file = folder / "golden" / f"{name}.json"
    return file.read_bytes().removesuffix(b"\n").split(b"\n") if file.exists() else []


def digest(lines):
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


def bare(schema):
    """The schema without what says nothing about bytes."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: each_bare(value) if key == "properties" else bare(value)
            for key, value in schema.items() if key not in ANNOTATIONS}


def each_bare(schemas):
    return {name: bare(schema) for name, schema in schemas.items()}


def contract(folder):
    """What there is today, in the shape of the record."""
    schemas = {file.stem: load(file) for kind in KINDS for file in sorted((folder / kind).glob("*.json"))}
    frames = {name: load(folder / f"{name}.json") for name in FRAMES}
    golden = {name: golden_lines(folder, name) for name in [*schemas, *WHOLE]}
    return {
        "types": each_bare(load(folder / "types.json")["$defs"]),
        "schemas": each_bare(frames | schemas),
        "golden": {name: {"lines": len(lines), "sha256": digest(lines)} for name, lines in golden.items()},
    }


class Widening:
    """Finds where a value of the old schema would not be one of the new, or be written as other bytes."""

    def __init__(self, old_types, new_types):
        self.old_types, self.new_types = old_types, new_types

    def problems(self, where, old, new):
        old, new = resolved(old, self.old_types), resolved(new, self.new_types)
        (old, old_null), (new, new_null) = without_null(old, self.old_types), without_null(new, self.new_types)
        if old_null and not new_null:
            yield f"{where} may no longer be null"
        for keyword in sorted(set(old) | set(new)):
            yield from self._keyword(where, keyword, old, new)

    def _keyword(self, where, keyword, old, new):
        before, after = old.get(keyword), new.get(keyword)
        if keyword == "properties":
            yield from self._members(where, old, new)
        elif keyword == "required":
            yield from (f"{where}/{name} became required" for name in sorted(set(after or []) - set(before or [])))
        elif keyword == "items" and before is not None and after is not None:
            yield from self.problems(f"{where}/*", before, after)
        elif keyword == "enum":
            yield from (f"{where} can no longer be {text!r}" for text in before or [] if text not in (after or []))
        elif keyword == "oneOf":  # of a reply: whoever waits for it is upgraded last, and reads no new ones
            if before != after:
                yield f"{where} has other choices"
        elif keyword in LOWER and after is not None:
            if before is None or after > before:
                yield f"{where} has a narrower {keyword}: {after}, not {before}"
        elif keyword in UPPER and after is not None:
            if before is None or after < before:
                yield f"{where} has a narrower {keyword}: {after}, not {before}"
        elif keyword not in LOWER + UPPER and before != after:
            yield f"{where} has another {keyword}: {after!r}, not {before!r}"

    def _members(self, where, old, new):
        before, after = old["properties"], new.get("properties", {})
        for name, schema in before.items():
            if name not in after:
                yield f"{where}/{name} is gone"
            else:
                yield from self.problems(f"{where}/{name}", schema, after[name])
        added = [name for name in after if name not in before]
        if [*(name for name in before if name in after), *added] != list(after):
            yield f"{where} has its members in another order: new ones go to the end"
        yield from (f"{where}/{name} has a default, and would be written where it was absent" for name in added
                    if "default" in after[name])


def resolved(schema, types):
    """The schema that a reference stands for; what stands beside the reference counts too."""
    if "$ref" not in schema:
        return schema
    target = types[schema["$ref"].rpartition("/")[2]]
    return resolved(target, types) | {key: value for key, value in schema.items() if key != "$ref"}


def without_null(schema, types):
    """The schema but for `or null`, and whether it had that."""
    inner = [choice for choice in schema.get("oneOf", []) if choice != {"type": "null"}]
    if len(inner) != 1:
        return schema, False
    beside = {key: value for key, value in schema.items() if key != "oneOf"}
    return resolved(inner[0], types) | beside, True


def problems(released, folder):
    """Why what was released could not be read, or be written again as the same bytes."""
    today = contract(folder)
    widening = Widening(released["types"], today["types"])
    for name, schema in released["schemas"].items():
        if name not in today["schemas"]:
            yield f"{name}: its schema is gone; a new version stands beside the old"
        else:
            yield from widening.problems(name, schema, today["schemas"][name])
    for name, golden in released["golden"].items():
        if digest(golden_lines(folder, name)[: golden["lines"]]) != golden["sha256"]:
            yield f"golden/{name}.json: its first {golden['lines']} lines are not as they were released"


def outside_git():
    """The environment without what a hook of git sets: the folder alone says which repository it is in."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def git(folder, *arguments):
    """What git says of this folder; nothing where it is no work tree, or there is no git."""
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, env=outside_git(), check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def records(folder):
    """(where from, record): the one that stands here, and all that ever stood here."""
    if (folder / RECORD).exists():
        yield RECORD, load(folder / RECORD)
    for commit in git(folder, "log", "--format=%h", "--", RECORD).split():
        if text := git(folder, "show", f"{commit}:./{RECORD}"):
            yield f"{RECORD} of {commit}", json.loads(text)


def all_problems(folder):
    """Each problem once, with the first record that shows it."""
    found = {}
    if not (folder / RECORD).exists():
        found[f"{folder / RECORD} is missing"] = "here"
    for source, record in records(folder):
        for problem in problems(record, folder):
            found.setdefault(problem, source)
    return found


def check(folder):
    found = all_problems(folder)
    for problem, source in found.items():
        print(f"{problem} ({source})")
    if found:
        sys.exit("what was released must be read for ever: see Evolving in events-schema/README.md")
    today, released = contract(folder)["golden"], load(folder / RECORD)["golden"]
    for name in today:
        if new := today[name]["lines"] - released.get(name, {"lines": 0})["lines"]:
            print(f"{name}: {new} golden lines are not released yet")
    print(f"what was released is read: {len(released)} schemas, {sum(one['lines'] for one in released.values())} lines")


def record(folder):
    found = all_problems(folder) if (folder / RECORD).exists() else {}
    if found:
        sys.exit("\n".join(found))
    parts = []
    for part, entries in contract(folder).items():  # one row a schema, so that a release reads well as a diff
        rows = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items()]
        parts.append(f'"{part}": {{\n' + ",\n".join(rows) + "\n}")
    (folder / RECORD).write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    where = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent
    {"check": check, "record": record}[sys.argv[1]](where)
