"""Writes the source: texts of enums, and how each struct is read and written."""

import model
import patterns
from names import SCHEMA, from_text, string_literal, type_name


class Source:
    def __init__(self, namespace):
        self.namespace = namespace
        self.shapes = {}  # pattern -> name of its constant

    def shape(self, text):
        least, most = text.least, "SIZE_MAX" if text.most is None else text.most
        if text.pattern is None:
            return f"{{{least}, {most}}}"
        name = self.shapes.setdefault(text.pattern, f"kPattern{len(self.shapes) + 1}")
        return f"{{{least}, {most}, {name}, {string_literal(text.pattern)}}}"

    def read(self, type_, value, into):
        """An expression that reads `value` into `into` and is false where that fails."""
        match type_:
            case model.Text():
                return f"in.text({value}, {into}, {self.shape(type_)})"
            case model.Integer() | model.SequenceNumber():
                return f"in.integer({value}, {into}, {bound(type_.least)}, {bound(type_.most)})"
            case model.Boolean():
                return f"in.boolean({value}, {into})"
            case model.Scalar(cpp="Instant"):
                return f"in.instant({value}, {into})"
            case model.Scalar(cpp="Digest"):
                return f"in.digest({value}, {into})"
            case model.Scalar():
                return f"in.id({value}, {into})"
            case model.Choice():
                choices = string_literal(", ".join(type_.texts))
                return f"in.choice({value}, {into}, &{from_text(type_, SCHEMA)}, {choices})"
            case model.Struct():
                return f"in.object({value}, {into})"
            case model.Array(items=items, least=least, most=most):
                inner = self.lambda_(items, "element")
                return f"in.array({value}, {into}, {least}, {most}, {inner})"
            case model.Nullable(inner=inner):
                return f"in.nullable({value}, {into}, {self.lambda_(inner, 'given')})"
        raise TypeError(type_)

    def lambda_(self, type_, name):
        parameter = f"{type_name(type_, SCHEMA)}& {name}"
        return f"[&](JsonValue json, {parameter}) {{ return {self.read(type_, 'json', name)}; }}"

    def read_canonical(self, type_, into):
        """An expression that takes canonical bytes into `into` and is false where they are not."""
        match type_:
            case model.Text():
                return f"in.text({into}, {self.shape(type_)})"
            case model.Integer() | model.SequenceNumber():
                return f"in.integer({into}, {bound(type_.least)}, {bound(type_.most)})"
            case model.Boolean():
                return f"in.boolean({into})"
            case model.Scalar(cpp="Instant"):
                return f"in.instant({into})"
            case model.Scalar(cpp="Digest"):
                return f"in.digest({into})"
            case model.Scalar():
                return f"in.id({into})"
            case model.Choice():
                return f"in.choice({into}, &{from_text(type_, SCHEMA)})"
            case model.Struct():
                return f"in.object({into})"
            case model.Array(items=items, least=least, most=most):
                inner = self.canonical_lambda(items, "element")
                return f"in.array({into}, {least}, {most}, {inner})"
            case model.Nullable(inner=inner):
                return f"in.nullable({into}, {self.canonical_lambda(inner, 'given')})"
        raise TypeError(type_)

    def canonical_lambda(self, type_, name):
        parameter = f"{type_name(type_, SCHEMA)}& {name}"
        return f"[&]({parameter}) {{ return {self.read_canonical(type_, name)}; }}"

    def write(self, type_, value, indent):
        """Statements that write `value`."""
        match type_:
            case model.Choice():
                return f"{indent}write_json(out, to_text({value}));\n"
            case model.Struct():
                return f"{indent}Form<{type_name(type_, SCHEMA)}>::write(out, {value});\n"
            case model.Array(items=items):
                return (
                    f"{indent}out += '[';\n"
                    f"{indent}for (std::size_t i = 0; i < {value}.size(); ++i) {{\n"
                    f"{indent}  if (i > 0) out += ',';\n"
                    f"{self.write(items, f'{value}[i]', indent + '  ')}"
                    f"{indent}}}\n"
                    f"{indent}out += ']';\n"
                )
            case model.Nullable(inner=inner):
                return (
                    f"{indent}if ({value}) {{\n"
                    f"{self.write(inner, f'(*{value})', indent + '  ')}"
                    f"{indent}}} else {{\n"
                    f'{indent}  out += "null";\n'
                    f"{indent}}}\n"
                )
        return f"{indent}write_json(out, {value});\n"

    def read_function(self, struct):
        name = type_name(struct, SCHEMA)
        names = ", ".join(string_literal(member.name) for member in struct.members)
        required = sum(1 << i for i, member in enumerate(struct.members) if member.required)
        cases, absent = "", ""
        for i, member in enumerate(struct.members):
            into = f"into.{member.cpp}"
            present = f"in.kept({into})" if member.optional else into
            read = self.read(member.type, "value", present)
            cases += f"      case {i}:\n        return {read};\n"
            if not member.required:
                fresh = f"{into} = {name}{{}}.{member.cpp}"
                if member.optional:
                    fresh = f"{into}.reset()"
                absent += f"  if (!(seen & {1 << i:#x})) {fresh};\n"
        into = "into" if struct.members else ""
        arguments = "std::size_t member, JsonValue value" if cases else "std::size_t, JsonValue"
        switch = f"    switch (member) {{\n{cases}    }}\n" if cases else ""
        return (
            "template <>\n"
            f"bool Form<{name}>::read(Reading& in, JsonObject object, {name}& {into}) {{\n"
            f"  static constexpr std::array<std::string_view, {len(struct.members)}> "
            f"kNames{{{names}}};\n"
            "  std::uint64_t seen = 0;\n"
            f"  const auto read = [&]({arguments}) {{\n{switch}    return false;\n  }};\n"
            f"  if (!in.members(object, kNames, {required:#x}, seen, read)) return false;\n"
            f"{absent}  return true;\n}}\n"
        )

    def read_canonical_function(self, struct):
        name = type_name(struct, SCHEMA)
        body = ""
        for member in struct.members:
            key = string_literal(f'"{member.name}":')
            into = f"into.{member.cpp}"
            if member.optional:
                read = self.read_canonical(member.type, f"in.kept({into})")
                body += (
                    f"  if (!in.member(object, {key}))\n    {into}.reset();\n"
                    f"  else if (!{read})\n    return false;\n"
                )
            else:
                read = self.read_canonical(member.type, into)
                body += f"  if (!in.member(object, {key}) || !{read})\n    return false;\n"
        into = "into" if struct.members else ""
        return (
            "template <>\n"
            f"bool Form<{name}>::read_canonical(CanonicalReading& in, {name}& {into}) {{\n"
            "  const char* const object = in.here();\n"
            f"{body}  return in.close_object(object);\n}}\n"
        )

    def write_function(self, struct):
        name = type_name(struct, SCHEMA)
        body = ""
        for member in struct.members:
            value = f"from.{member.cpp}"
            key = string_literal(f',"{member.name}":')
            if member.optional:
                body += f"  if ({value}) {{\n    out += {key};\n"
                body += self.write(member.type, f"(*{value})", "    ") + "  }\n"
            else:
                body += f"  out += {key};\n" + self.write(member.type, value, "  ")
        from_ = "from" if struct.members else ""
        return (
            "template <>\n"
            f"void Form<{name}>::write(std::string& out, const {name}& {from_}) {{\n"
            "  const std::size_t start = out.size();\n"
            f"{body}  close_object(out, start);\n}}\n"
        )

    def patterns(self, of="constexpr"):
        lines = ""
        for pattern, name in self.shapes.items():
            runs = patterns.parse(pattern)
            lines += f"{of} CharacterRun {name}[] = {{  // {pattern}\n"
            for run in runs:
                low, high = run.masks()
                lines += f"    {{{low:#x}, {high:#x}, {run.least}u, {run.most}u}},\n"
            lines += "};\n"
        return lines


def bound(number):
    return "INT64_MIN" if number == model.INT64_MIN else f"INT64_C({number})"


def choice_texts(choice):
    texts = ", ".join(string_literal(text) for text in choice.texts)
    name = choice.name
    return (
        f"namespace {{\nconstexpr std::array<std::string_view, {len(choice.texts)}> "
        f"k{name}Texts{{{texts}}};\n}}\n"
        f"std::string_view to_text({name} value) {{\n"
        f"  return k{name}Texts[static_cast<std::size_t>(value)];\n}}\n"
        f"std::optional<{name}> {from_text(choice, choice.namespace)}(std::string_view text) {{\n"
        f"  for (std::size_t i = 0; i < k{name}Texts.size(); ++i)\n"
        f"    if (k{name}Texts[i] == text) return static_cast<{name}>(i);\n"
        f"  return std::nullopt;\n}}\n"
    )


def dispatch(variant, structs):
    """Name and version to the alternative, and back."""
    word = variant.lower()
    rows = "".join(f"  if (name == {s.name}::kName && version == {s.name}::kVersion) return {i};\n"
                   for i, s in enumerate(structs))
    cases = "".join(
        f"    case {i}:\n"
        f"      return Form<{s.name}>::read(in, object, alternative<{s.name}>(into));\n"
        for i, s in enumerate(structs)
    )
    return (
        f"std::optional<std::size_t> {word}_index(std::string_view name, int version) {{\n"
        f"{rows}  return std::nullopt;\n}}\n\n"
        f"bool read_{word}(Reading& in, std::size_t index, JsonObject object, {variant}& into) {{\n"
        f"  switch (index) {{\n{cases}  }}\n  return false;\n}}\n"
    )


def dispatch_canonical(events):
    cases = "".join(
        f"    case {i}:\n      return in.object(alternative<{s.name}>(into));\n"
        for i, s in enumerate(events)
    )
    return (
        "bool read_canonical_event(CanonicalReading& in, std::size_t index, Event& into) {\n"
        f"  switch (index) {{\n{cases}  }}\n  return false;\n}}\n"
    )


ALTERNATIVE = """namespace {
/// The alternative T of `variant`: what it held, for its memory, or a new one.
template <class T, class Variant>
T& alternative(Variant& variant) {
  T* held = std::get_if<T>(&variant);
  return held ? *held : variant.template emplace<T>();
}
}  // namespace
"""


def foreign_structs(types, namespace):
    """Those of another namespace that our members refer to."""
    found = {}

    def look(type_):
        match type_:
            case model.Array(items=inner) | model.Nullable(inner=inner):
                look(inner)
            case model.Struct() if type_.namespace != namespace:
                found[type_.name] = type_

    for type_ in types:
        for member in type_.members if isinstance(type_, model.Struct) else []:
            look(member.type)
    return found.values()


def structs_within(types):
    """The structs among `types` and in their members, each once."""
    found = {}

    def look(type_):
        match type_:
            case model.Array(items=inner) | model.Nullable(inner=inner):
                look(inner)
            case model.Struct() if type_.name not in found:
                found[type_.name] = type_
                for member in type_.members:
                    look(member.type)

    for type_ in types:
        look(type_)
    return list(found.values())


def write(types, variants, namespace, header):
    source = Source(namespace)
    structs = [type_ for type_ in types if isinstance(type_, model.Struct)]
    choices = [type_ for type_ in types if isinstance(type_, model.Choice)]
    functions, declarations, instances = [], [], []
    for struct in [*structs, *foreign_structs(types, namespace)]:
        name = type_name(struct, SCHEMA)
        declarations.append(
            f"template <>\nbool Form<{name}>::read(Reading&, JsonObject, {name}&);\n"
            f"template <>\nvoid Form<{name}>::write(std::string&, const {name}&);\n"
        )
    canonical = structs_within(variants.get("Event", []))  # what stands on a log
    for struct in canonical:
        name = type_name(struct, SCHEMA)
        declarations.append(
            f"template <>\nbool Form<{name}>::read_canonical(CanonicalReading&, {name}&);\n"
        )
        functions.append(source.read_canonical_function(struct))
    for struct in structs:
        name = type_name(struct, SCHEMA)
        functions += [source.read_function(struct), source.write_function(struct)]
        instances.append(
            f"template std::expected<void, ParseError> Reader::object<{name}>(std::string_view, "
            f"{name}&);\ntemplate void write_object<{name}>(std::string&, const {name}&);\n"
        )
    parts = ["// Made by events-schema/generator; edit the schemas instead.\n",
             f'#include "{header}"\n', '#include "events-schema/reading.hpp"\n']
    if canonical:
        parts.append('#include "events-schema/canonical_reading.hpp"\n')
    if choices:
        parts += [f"namespace {namespace} {{\n", *map(choice_texts, choices), "}\n"]
    if source.shapes:
        functions.insert(0, f"namespace {{\n{source.patterns()}}}  // namespace\n")
    parts += [f"namespace {SCHEMA} {{\n", *declarations, *functions, *instances]
    if variants:
        parts.append(ALTERNATIVE)
    parts += [dispatch(name, of) for name, of in variants.items()]
    if canonical:
        parts.append(dispatch_canonical(variants["Event"]))
    parts.append(f"}}  // namespace {SCHEMA}\n")
    return "\n".join(parts)
