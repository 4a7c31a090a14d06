"""The generator refuses what it does not support: its types never admit more than the schema."""

import sys
import unittest
from pathlib import Path

folder = Path(sys.argv.pop(1))
sys.path.insert(0, str(folder / "generator"))

import header  # noqa: E402
import model  # noqa: E402
import patterns  # noqa: E402


class Patterns(unittest.TestCase):
    def test_are_rows_of_runs(self):
        runs = patterns.parse(r"^s1\.[A-Ca_-]{11}\.[a-z]+$")
        self.assertEqual([(r.least, r.most) for r in runs][-3:], [(11, 11), (1, 1), (1, 2**32 - 1)])
        self.assertEqual(runs[3].characters, set("ABCa_-"))

    def test_refuse_what_needs_going_back(self):
        for pattern in ["^[a-z]+a$", "^a*b?a$", "^a?a$"]:
            with self.assertRaises(patterns.PatternError, msg=pattern):
                patterns.parse(pattern)

    def test_refuse_what_is_not_supported(self):
        for pattern in ["abc", "^a|b$", "^(ab)$", "^.$", "^[^a]$"]:
            with self.assertRaises(patterns.PatternError, msg=pattern):
                patterns.parse(pattern)


class Schemas(unittest.TestCase):
    def read(self, inner, required=()):
        schema = {
            "title": "Thing",
            "type": "object",
            "properties": {"inner": inner},
            "required": list(required),
            "additionalProperties": False,
        }
        reader = model.Reader(folder / "types.json", "boxoffice::schema")
        path = Path("Thing.json").resolve()
        reader.documents[path] = schema
        return reader.whole_file(path, "test", "object")

    def test_refuse_keywords_that_would_be_ignored(self):
        for inner in [
            {"type": "string", "format": "email"},
            {"type": "integer", "multipleOf": 2},
            {"type": "number"},
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "properties": {}},
            {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        ]:
            with self.assertRaises(model.SchemaError, msg=inner):
                self.read(inner)

    def test_refuse_a_default_that_is_no_value(self):
        thing = self.read({"type": "integer", "minimum": 1, "maximum": 3, "default": 4})
        with self.assertRaises(model.SchemaError):
            header.struct(thing)

    def test_refuse_a_required_member_that_is_not_described(self):
        with self.assertRaises(model.SchemaError):
            self.read({"type": "boolean"}, required=["outer"])

    def test_spell_keywords_with_an_underscore(self):
        self.assertEqual(model.identifier("return"), "return_")
        self.assertEqual(model.identifier("burn"), "burn")


unittest.main()
