"""Golden files against the schemas, by an outside validator: what we write is what we publish."""

import json
import sys
from pathlib import Path

import jsonschema

folder = Path(sys.argv[1])


def load(path):
    return json.loads(path.read_text())


def schemas(kind):
    return {path.stem: load(path) for path in sorted((folder / kind).glob("*.json"))}


types = load(folder / "types.json")
envelope, command_envelope, reply = [
    load(folder / f"{name}.json") for name in ("envelope", "command_envelope", "reply")
]
events, commands = schemas("events"), schemas("commands")
store = {s["$id"]: s for s in [types, envelope, command_envelope, reply, *events.values(), *commands.values()]}


def validator(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def canonical(text):
    """Python's writer agrees with ours on every byte but order, which the schema gives."""
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) == text


problems = []


def check(where, validate, instance):
    problems.extend(f"{where}: {error.json_path}: {error.message}" for error in validate(instance))


def in_order(where, instance, schema):
    order = [name for name in schema["properties"] if name in instance]
    if list(instance) != order:
        problems.append(f"{where}: members are not in the schema's order")


def lines(name):
    path = folder / "golden" / f"{name}.json"
    if not path.exists():
        problems.append(f"{path} is missing")
        return
    for number, line in enumerate(path.read_text().removesuffix("\n").split("\n"), 1):
        where = f"{path.name}:{number}"
        if not canonical(line):
            problems.append(f"{where}: not canonical")
        yield where, json.loads(line)


def covers_optional(name, schema, instances):
    """Each optional member is once there and once not."""
    for member in set(schema["properties"]) - set(schema["required"]):
        if {member in instance for instance in instances} != {True, False}:
            problems.append(f"{name}: {member} must be once present and once absent")


checked = 0
for name, schema in events.items():
    seen = []
    for where, event in lines(name):
        check(where, validator(envelope).iter_errors, event)
        check(where, validator(schema).iter_errors, event["data"])
        in_order(where, event, envelope)
        in_order(where, event["data"], schema)
        if event["dataschema"] != schema["$id"] or event["type"] != f"boxoffice.{schema['title']}":
            problems.append(f"{where}: is of another schema")
        seen.append(event["data"])
    covers_optional(name, schema, seen)
    checked += len(seen)
for name, schema in commands.items():
    seen = []
    for where, command in lines(name):
        check(where, validator(schema).iter_errors, command)
        in_order(where, command, schema)
        seen.append(command)
    covers_optional(name, schema, seen)
    checked += len(seen)

by_id = {schema["$id"]: schema for schema in commands.values()}
seen = []
for where, command in lines("whole_commands"):
    schema = by_id[command["dataschema"]]
    check(where, validator(command_envelope).iter_errors, command)
    check(where, validator(schema).iter_errors, command["data"])
    in_order(where, command, command_envelope)
    in_order(where, command["data"], schema)
    if command["type"] != f"boxoffice.command.{schema['title']}":
        problems.append(f"{where}: is of another schema")
    seen.append(command)
covers_optional("whole_commands", command_envelope, seen)
if set(by_id) != {command["dataschema"] for command in seen}:
    problems.append("whole_commands: each command must be there")
checked += len(seen)

kinds = {kind["properties"]["answer"]["const"]: kind for kind in reply["oneOf"]}
seen = set()
for where, answer in lines("replies"):
    check(where, validator(reply).iter_errors, answer)
    in_order(where, answer, kinds[answer["answer"]])
    if "event" in answer:
        in_order(where, answer["event"], envelope)
    seen.add(answer["answer"])
    checked += 1
if seen != set(kinds):
    problems.append("replies: each kind must be there")

known = {f"{name}.json" for name in [*events, *commands, "whole_commands", "replies"]}
for path in (folder / "golden").iterdir():
    if path.name not in known:
        problems.append(f"{path}: there is no such schema")

print("\n".join(problems) or f"{checked} golden lines are valid")
sys.exit(bool(problems) or not checked)
