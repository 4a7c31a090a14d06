#!/usr/bin/python3
"""Makes the source that holds the OpenAPI document's schemas, the AsyncAPI document and the pages.

    embed.py TYPES_JSON BODIES_FOLDER ANSWERS_JSON ASYNCAPI_JSON PAGES_FOLDER OUT_CPP
"""

import json
import sys
from pathlib import Path

PIECE = 8000  # characters of a string literal; compilers bound them

# What a body or a query may have where an event has an Instant.
TIME = {
    "description": "RFC 3339, with any offset, in whole milliseconds. Answers have it in UTC, with three decimals.",
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,3}0*)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
}


def as_asked(body):
    """A body, with a Time for each Instant."""
    if isinstance(body, list):
        return [as_asked(one) for one in body]
    if not isinstance(body, dict):
        return body
    if body.get("$ref", "").endswith("/Instant"):
        return body | {"$ref": "Time"}
    return {key: as_asked(value) for key, value in body.items()}


def rewritten(schema):
    """References of all files lead into components.schemas; C++ annotations are left out."""
    if isinstance(schema, list):
        return [rewritten(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {}
    for key, value in schema.items():
        if key == "$ref":
            made[key] = "#/components/schemas/" + value.rpartition("/")[2]
        elif key not in ("$schema", "$id", "$defs", "x-cpp", "x-subject"):
            made[key] = rewritten(value)
    return made


def occasion(types):
    """What is made is shown with its id and state before its details."""
    details = types["OccasionDetails"]
    properties = {"id": {"$ref": "OccasionId"}, "state": {"$ref": "OccasionState"}}
    return {
        "description": "An occasion.",
        "type": "object",
        "properties": properties | details["properties"],
        "required": ["id", "state"] + details["required"],
        "additionalProperties": False,
    }


def schemas(types_file, bodies, answers_file):
    types = json.loads(Path(types_file).read_text())["$defs"]
    found = types | {"Time": TIME}
    for file in sorted(Path(bodies).glob("*.json")):
        body = as_asked(json.loads(file.read_text()))
        found |= body.get("$defs", {})
        found[body["title"]] = body
    found |= json.loads(Path(answers_file).read_text())["$defs"]
    found["Occasion"] = occasion(types)
    return {name: json.dumps(rewritten(one), separators=(",", ":")) for name, one in found.items()}


def literal(text):
    if ')embed"' in text:
        sys.exit("a text ends its own literal")
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    return "\n".join(f'R"embed({piece})embed"' for piece in pieces)


def function(name, text):
    return f"std::string_view {name}() {{\n  static constexpr std::string_view kText = {literal(text)};\n  return kText;\n}}\n"


def table(found):
    rows = "".join(f'      {{"{name}", {literal(text)}}},\n' for name, text in found.items())
    return (
        "std::span<const ComponentSchema> component_schemas() {\n"
        f"  static constexpr ComponentSchema kSchemas[] = {{\n{rows}  }};\n  return kSchemas;\n}}\n"
    )


def main(types_file, bodies, answers_file, asyncapi, pages, out):
    parts = [
        "// Made by gateway/openapi/embed.py.\n",
        '#include "gateway/openapi/document.hpp"',
        '#include "gateway/openapi/pages.hpp"\n',
        "namespace boxoffice::gateway {\n",
        table(schemas(types_file, bodies, answers_file)),
        function("asyncapi_document", Path(asyncapi).read_text()),
        function("docs_page", (Path(pages) / "docs.html").read_text()),
        function("home_page", (Path(pages) / "home.html").read_text()),
        "}  // namespace boxoffice::gateway\n",
    ]
    Path(out).write_text("\n".join(parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
