"""Writes random values for property tests: `arbitrary::event()`, `command()`, `object<T>()`."""

import model
from names import SCHEMA, type_name
from source import Source, bound


def make(source, type_):
    """An expression that makes a random value of the type."""
    match type_:
        case model.Text(least=least, most=most, pattern=None):
            return f"text({least}, {1000 if most is None else most})"
        case model.Text():
            source.shape(type_)
            return f"text_like({source.shapes[type_.pattern]})"
        case model.Integer(least=least, most=most):
            return f"integer({bound(least)}, {bound(most)})"
        case model.SequenceNumber(least=least, most=most):
            return f"Sequence{{static_cast<std::uint64_t>(integer({least}, {bound(most)}))}}"
        case model.Boolean():
            return "boolean()"
        case model.Scalar(cpp="Instant"):
            return "instant()"
        case model.Scalar(cpp="Digest"):
            return "digest()"
        case model.Scalar(cpp=cpp):
            return f"id<{cpp}>()"
        case model.Choice(name=name):
            return f"choice<{name}>(k{name}Count)"
        case model.Struct():
            return f"object<{type_name(type_, SCHEMA)}>()"
        case model.Array(items=items, least=least, most=most):
            return f"list({least}, {most}, [] {{ return {make(source, items)}; }})"
        case model.Nullable(inner=inner):
            return f"perhaps([] {{ return {make(source, inner)}; }})"
    raise TypeError(type_)


def struct(source, type_):
    body = ""
    for member in type_.members:
        value = make(source, member.type)
        if member.optional:
            value = f"perhaps([] {{ return {value}; }})"
        body += f"  made.{member.cpp} = {value};\n"
    name = type_.name
    return (
        f"template <>\ninline {name} object<{name}>() {{\n"
        f"  {name} made;\n{body}  return made;\n}}\n"
    )


def one_of(name, structs):
    cases = "".join(
        f"    case {i}:\n      return object<{s.name}>();\n" for i, s in enumerate(structs)
    )
    return (
        f"inline {name} {name.lower()}() {{\n"
        f"  switch (*rc::gen::inRange<int>(0, {len(structs)})) {{\n{cases}  }}\n"
        "  return {};\n}\n"
    )


def write(types, variants):
    source = Source(SCHEMA)
    functions = [struct(source, type_) for type_ in types if isinstance(type_, model.Struct)]
    functions += [one_of(name, structs) for name, structs in variants.items()]
    return "\n".join(
        [
            "#pragma once\n",
            "// Made by events-schema/generator; edit the schemas instead.\n",
            '#include "events-schema/arbitrary_values.hpp"\n',
            "namespace boxoffice::schema::arbitrary {\n",
            source.patterns("inline constexpr"),
            *functions,
            "}  // namespace boxoffice::schema::arbitrary\n",
        ]
    )
