"""The AsyncAPI document: valid by the official schema, and it says of each event what the event is.

    asyncapi_test.py DOCUMENT OFFICIAL_SCHEMA EVENTS_SCHEMA_FOLDER
"""

import copy
import json
import sys
import unittest
from pathlib import Path

import jsonschema

document_file, official_file, folder = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
document = json.loads(document_file.read_text())
official = json.loads(official_file.read_text())


class Within(jsonschema.RefResolver):
    """References within one document. Debian's jsonschema takes a property that is called `$id`, as the official schema
    has one, for an id, and stumbles over it."""

    def resolve(self, reference):
        return reference, self.resolve_fragment(self.referrer, reference.removeprefix("#"))


def validator(schema, whole):
    return jsonschema.Draft7Validator(schema, resolver=Within.from_schema(whole))


def official_problems(told):
    return [error.message for error in validator(official, official).iter_errors(told)]


def references(part):
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from references(one)


def fits(event, message):
    return validator(message["payload"], document).is_valid(event)


def golden(name):
    return [json.loads(line) for line in (folder / "golden" / f"{name}.json").read_text().splitlines()]


class Document(unittest.TestCase):
    def test_is_asyncapi_3(self):
        self.assertEqual(document["asyncapi"], "3.0.0")
        self.assertEqual(official_problems(document), [])

    def test_would_not_be_with_a_channel_that_is_none(self):
        """So that the test above cannot pass by whatever there is."""
        wrong = copy.deepcopy(document)
        wrong["channels"]["claims"]["adress"] = wrong["channels"]["claims"].pop("address")
        self.assertTrue(official_problems(wrong))

    def test_refers_to_what_there_is(self):
        for reference in references(document):
            Within.from_schema(document).resolve(reference)

    def test_has_each_event_on_its_topic_and_no_other(self):
        told = {(channel["address"], name) for channel in document["channels"].values() for name in channel["messages"]}
        schemas = {file.stem: json.loads(file.read_text()) for file in (folder / "events").glob("*.json")}
        self.assertEqual(told, {(f"boxoffice.{schema['x-topic']}", name) for name, schema in schemas.items()})
        self.assertEqual(set(document["components"]["messages"]), set(schemas))

    def test_holds_for_each_golden_event(self):
        for name, message in document["components"]["messages"].items():
            for event in golden(name):
                self.assertTrue(fits(event, message), event["id"])

    def test_tells_one_event_from_another(self):
        messages = document["components"]["messages"]
        for name in messages:
            fitting = [other for other, message in messages.items() if fits(golden(name)[0], message)]
            self.assertEqual(fitting, [name])

    def test_has_examples_that_fit(self):
        for message in document["components"]["messages"].values():
            for example in message["examples"]:
                self.assertTrue(fits(example["payload"], message))


unittest.main(argv=sys.argv[:1])
