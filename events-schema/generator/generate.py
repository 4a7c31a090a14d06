#!/usr/bin/python3
"""Makes C++ types from JSON Schemas: see events-schema/README.md.

    generate.py contract SCHEMA_FOLDER OUT_FOLDER
        all commands and events
    generate.py structs FOLDER NAMESPACE TYPES_JSON OUT_FOLDER HEADER
        any other folder of object schemas
"""

import sys
from pathlib import Path

import arbitrary
import header
import model
import source
from names import SCHEMA


def named_types(types):
    return [type_ for type_ in types if isinstance(type_, (model.Choice, model.Struct))]


def put(path, text):
    """What stays the same is not touched, so that nothing is built again for it."""
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def read_all(reader, folder, kind):
    files = sorted(Path(folder).glob("*.json"))
    return [reader.whole_file(file, SCHEMA, kind) for file in files]


def contract(folder, out):
    folder, out = Path(folder), Path(out)
    reader = model.Reader(folder / "types.json", SCHEMA)
    types = named_types(reader.types())
    variants = {
        "Event": read_all(reader, folder / "events", "event"),
        "Command": read_all(reader, folder / "commands", "command"),
    }
    types += variants["Event"] + variants["Command"]
    put(out / "generated.hpp", header.write(types, variants, SCHEMA, "events-schema"))
    put(out / "arbitrary.hpp", arbitrary.write(types, variants))
    put(out / "generated.cpp", source.write(types, variants, SCHEMA, "events-schema/generated.hpp"))


def structs(folder, namespace, types_json, out, header_name):
    reader = model.Reader(types_json, SCHEMA)
    types = []
    for file in sorted(Path(folder).glob("*.json")):
        types += named_types(reader.local_definitions(file, namespace))
        types.append(reader.whole_file(file, namespace, "object"))
    file = Path(out) / header_name
    put(file, header.write(types, {}, namespace, Path(folder).name))
    put(file.with_suffix(".cpp"), source.write(types, {}, namespace, header_name))


if __name__ == "__main__":
    try:
        {"contract": contract, "structs": structs}[sys.argv[1]](*sys.argv[2:])
    except (model.SchemaError, model.patterns.PatternError) as error:
        sys.exit(f"{error}")
