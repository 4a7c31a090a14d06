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
envelope = load(folder / "envelope.json")
events, commands = schemas("events"), schemas("commands")
store = {s["$id"]: s for s in [types, envelope, *events.values(), *commands.values()]}


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

known = {f"{name}.json" for name in [*events, *commands]}
for path in (folder / "golden").iterdir():
    if path.name not in known:
        problems.append(f"{path}: there is no such schema")

print("\n".join(problems) or f"{checked} golden lines are valid")
sys.exit(bool(problems) or not checked)
