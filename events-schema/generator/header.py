"""Writes the header: enums, structs, and the variants over them."""

import textwrap

import model
from names import from_text, member_type, string_literal, type_name


def comment(text):
    return "".join(f"/// {line}\n" for line in textwrap.wrap(text, 96)) if text else ""


def choice(type_):
    enumerators = ", ".join(model.identifier(text) for text in type_.texts)
    body = "\n".join(textwrap.wrap(enumerators, 90, initial_indent="  ", subsequent_indent="  "))
    return (
        f"{comment(type_.description)}enum class {type_.name} : std::uint8_t {{\n{body},\n}};\n"
        f"inline constexpr std::size_t k{type_.name}Count = {len(type_.texts)};\n"
        f"std::string_view to_text({type_.name} value);\n"
        f"std::optional<{type_.name}> {from_text(type_, type_.namespace)}(std::string_view text);\n"
    )


def initializer(member, within):
    """What a member is where nobody says otherwise."""
    if member.has_default and not member.required:
        return default_value(member.type, member.default, within)
    match member.type if member.required else None:
        case model.Integer():
            return " = 0"
        case model.Boolean():
            return " = false"
        case model.Choice() | model.Scalar(cpp="Instant"):
            return "{}"
    return ""


def default_value(type_, value, within):
    match type_:
        case model.Nullable() if value is None:
            return ""
        case model.Nullable(inner=inner):
            return default_value(inner, value, within)
        case model.Boolean() if isinstance(value, bool):
            return f" = {str(value).lower()}"
        case model.Integer(least=least, most=most) if type(value) is int and least <= value <= most:
            return f" = {value}"
        case model.Text() if isinstance(value, str):
            return f" = {string_literal(value)}" if value else ""
        case model.Choice(texts=texts) if value in texts:
            return f" = {type_name(type_, within)}::{model.identifier(value)}"
        case model.Array() if value == []:
            return ""
        case model.Struct() if value == {}:
            if any(member.required for member in type_.members):
                raise model.SchemaError(f"{type_.name} has required members, so {{}} is none")
            return ""
    raise model.SchemaError(f"{value!r} is no default of its member")


def struct(type_):
    lines = []
    if type_.version is not None:
        lines.append(f'  static constexpr std::string_view kName = "{type_.name}";')
        lines.append(f"  static constexpr int kVersion = {type_.version};")
    if type_.topic:
        lines.append(f"  static constexpr Topic kTopic = Topic::{type_.topic};")
    if lines:
        lines.append("")
    within = type_.namespace
    for member in type_.members:
        name = f"{member_type(member, within)} {member.cpp}{initializer(member, within)};"
        lines.append(f"  {name}")
    if type_.members:
        lines.append("")
    lines.append(f"  bool operator==(const {type_.name}&) const = default;")
    body = "\n".join(lines)
    return f"{comment(type_.description)}struct {type_.name} {{\n{body}\n}};\n"


def variant(name, structs):
    alternatives = ", ".join(one.name for one in structs)
    indent = " " * 4
    lines = textwrap.wrap(alternatives, 90, initial_indent=indent, subsequent_indent=indent)
    body = "\n".join(lines)
    return f"using {name} = std::variant<\n{body}>;\n"


def write(types, variants, namespace, source):
    parts = [
        "#pragma once\n",
        f"// Made from {source} by events-schema/generator; edit the schemas instead.\n",
        "#include <cstdint>\n#include <optional>\n#include <string>\n#include <string_view>\n"
        "#include <variant>\n#include <vector>\n",
        '#include "events-schema/values.hpp"\n',
    ]
    if namespace != "boxoffice::schema":
        parts.append('#include "events-schema/generated.hpp"\n')
    parts.append(f"namespace {namespace} {{\n")
    for type_ in types:
        match type_:
            case model.Choice():
                parts.append(choice(type_))
            case model.Struct():
                parts.append(struct(type_))
    for name, structs in variants.items():
        parts.append(variant(name, structs))
    parts.append(f"}}  // namespace {namespace}\n")
    return "\n".join(parts)
