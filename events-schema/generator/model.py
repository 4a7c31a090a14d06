"""What a folder of schemas says, as C++ will see it; what is not supported is refused."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import patterns

TYPES_ID = "urn:boxoffice:types"  # the $id of types.json
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1

KEYWORDS = set(
    """alignas alignof and asm auto bool break case catch char class const continue default delete
    do double else enum explicit export extern false float for friend goto if inline int long mutable
    namespace new not operator or private protected public register requires return short signed
    sizeof static struct switch template this throw true try typedef typename union unsigned using
    virtual void volatile while xor""".split()
)


class SchemaError(ValueError):
    pass


def identifier(text):
    return text + "_" if text in KEYWORDS else text


@dataclass
class Text:
    least: int = 0
    most: int | None = None
    pattern: str | None = None


@dataclass
class Integer:
    least: int
    most: int


@dataclass
class Boolean:
    pass


@dataclass
class Scalar:
    """A type of values.hpp: an id, Instant, Digest."""

    cpp: str


@dataclass
class SequenceNumber:
    least: int
    most: int


@dataclass
class Array:
    items: object
    least: int
    most: int


@dataclass
class Nullable:
    inner: object


@dataclass
class Choice:
    """An enum."""

    name: str
    namespace: str
    description: str
    texts: list


@dataclass
class Member:
    name: str
    type: object
    required: bool
    has_default: bool = False
    default: object = None

    @property
    def cpp(self):
        return identifier(self.name)

    @property
    def optional(self):
        """May be absent, and absence is a value of its own."""
        return not self.required and not self.has_default


@dataclass
class Struct:
    name: str
    namespace: str
    description: str
    members: list = field(default_factory=list)
    kind: str = "object"  # or event, command
    version: int | None = None
    topic: str | None = None


ALLOWED = {
    "object": {"properties", "required", "additionalProperties"},
    "string": {"minLength", "maxLength", "pattern", "x-cpp"},
    "integer": {"minimum", "maximum"},
    "boolean": set(),
    "array": {"items", "minItems", "maxItems"},
}
ANNOTATIONS = {"$schema", "$id", "title", "description", "type", "default", "examples", "$defs"}
ANNOTATIONS |= {"x-topic", "x-subject"}


class Reader:
    """Reads files into types; every named type once."""

    def __init__(self, types_file, types_namespace):
        self.types_file = Path(types_file).resolve()
        self.types_namespace = types_namespace
        self.documents = {}
        self.named = {}  # (file, name) -> type

    def types(self):
        """All that types.json defines, in its order."""
        names = self._document(self.types_file)["$defs"]
        return [self._definition(self.types_file, name, self.types_namespace) for name in names]

    def whole_file(self, path, namespace, kind):
        path = Path(path).resolve()
        schema = self._document(path)
        try:
            struct = self._struct(schema, schema["title"], path, namespace)
        except (SchemaError, patterns.PatternError, KeyError) as error:
            raise SchemaError(f"{path}: {error}") from error
        struct.kind = kind
        if kind in ("event", "command"):
            name, version, _ = path.name.split(".")
            if name != struct.name or not schema["$id"].endswith(f"{name}:{version[1:]}"):
                raise SchemaError(f"{path}: file name, title and $id must agree")
            struct.version = int(version[1:])
            struct.topic = schema.get("x-topic")
        return struct

    def local_definitions(self, path, namespace):
        path = Path(path).resolve()
        names = self._document(path).get("$defs", {})
        return [self._definition(path, name, namespace) for name in names]

    def _document(self, path):
        if path not in self.documents:
            self.documents[path] = json.loads(path.read_text())
        return self.documents[path]

    def _definition(self, path, name, namespace):
        if (path, name) not in self.named:
            schema = self._document(path)["$defs"][name]
            try:
                made = self._named(schema, name, path, namespace)
            except (SchemaError, patterns.PatternError) as error:
                raise SchemaError(f"{path}#/$defs/{name}: {error}") from error
            self.named[path, name] = made
        return self.named[path, name]

    def _named(self, schema, name, path, namespace):
        if "enum" in schema:
            return Choice(name, namespace, schema.get("description", ""), schema["enum"])
        if schema.get("type") == "object":
            return self._struct(schema, name, path, namespace)
        if name == "Sequence":
            return SequenceNumber(schema["minimum"], schema["maximum"])
        return self._type(schema, path, namespace)

    def _struct(self, schema, name, path, namespace):
        self._check(schema)
        if schema.get("additionalProperties") is not False:
            raise SchemaError("an object says additionalProperties: false")
        struct = Struct(name, namespace, schema.get("description", ""))
        required = schema.get("required", [])
        for unknown in set(required) - set(schema["properties"]):
            raise SchemaError(f"{unknown} is required, but there is no such member")
        for member, inner in schema["properties"].items():
            struct.members.append(
                Member(
                    member,
                    self._type(inner, path, namespace),
                    member in required,
                    "default" in inner,
                    inner.get("default"),
                )
            )
            if len(member) > 60:
                raise SchemaError(f"{member} is longer than 60 characters")
        if len(struct.members) > 64:
            raise SchemaError("an object has at most 64 members")
        return struct

    def _type(self, schema, path, namespace):
        if "$ref" in schema:
            return self._reference(schema["$ref"], path, namespace)
        if "oneOf" in schema:
            return self._nullable(schema["oneOf"], path, namespace)
        self._check(schema)
        kind = schema["type"]
        if kind == "string":
            if "x-cpp" in schema:
                return Scalar(schema["x-cpp"])
            if "pattern" in schema:
                patterns.parse(schema["pattern"])
            return Text(schema.get("minLength", 0), schema.get("maxLength"), schema.get("pattern"))
        if kind == "integer":
            return Integer(schema.get("minimum", INT64_MIN), schema.get("maximum", INT64_MAX))
        if kind == "boolean":
            return Boolean()
        if kind == "array":
            if "maxItems" not in schema:
                raise SchemaError("an array says maxItems")
            items = self._type(schema["items"], path, namespace)
            return Array(items, schema.get("minItems", 0), schema["maxItems"])
        raise SchemaError("an object within another is a definition of its own")

    def _reference(self, reference, path, namespace):
        file, _, pointer = reference.partition("#")
        if file == TYPES_ID:
            target = self.types_file
        else:
            target = (path.parent / file).resolve() if file else path
        if not pointer.startswith("/$defs/"):
            raise SchemaError(f"{reference}: only definitions can be referred to")
        if target == self.types_file:
            namespace = self.types_namespace
        return self._definition(target, pointer.removeprefix("/$defs/"), namespace)

    def _nullable(self, choices, path, namespace):
        inner = [choice for choice in choices if choice != {"type": "null"}]
        if len(choices) != 2 or len(inner) != 1:
            raise SchemaError("oneOf has two choices, of which one is null")
        return Nullable(self._type(inner[0], path, namespace))

    @staticmethod
    def _check(schema):
        kind = schema.get("type")
        if kind not in ALLOWED:
            raise SchemaError(f"type {kind!r} is not supported")
        unknown = set(schema) - ANNOTATIONS - ALLOWED[kind]
        if unknown:
            raise SchemaError(f"not supported: {', '.join(sorted(unknown))}")
