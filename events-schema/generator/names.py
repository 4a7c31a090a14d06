"""How the types of the model are spelt in C++."""

import re

import model

SCHEMA = "boxoffice::schema"


def qualified(name, namespace, within):
    return name if namespace == within else f"{namespace}::{name}"


def type_name(type_, within):
    match type_:
        case model.Text():
            return "std::string"
        case model.Integer():
            return "std::int64_t"
        case model.Boolean():
            return "bool"
        case model.Scalar(cpp=cpp):
            return qualified(cpp, SCHEMA, within)
        case model.SequenceNumber():
            return qualified("Sequence", SCHEMA, within)
        case model.Array(items=items):
            return f"std::vector<{type_name(items, within)}>"
        case model.Nullable(inner=inner):
            return f"std::optional<{type_name(inner, within)}>"
        case model.Choice() | model.Struct():
            return qualified(type_.name, type_.namespace, within)
    raise TypeError(type_)


def member_type(member, within):
    name = type_name(member.type, within)
    return f"std::optional<{name}>" if member.optional else name


def snake_case(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def from_text(choice, within):
    return qualified(f"{snake_case(choice.name)}_from_text", choice.namespace, within)


def string_literal(text):
    # JSON's escapes are C++'s, as long as no character is escaped by its number.
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        raise model.SchemaError(f"control characters in {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
