"""The AsyncAPI document: valid by the official schema, and it says of each event, command and reply what it is.

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


def fits(payload, message):
    return validator(message["payload"], document).is_valid(payload)


def lines(name):
    return [json.loads(line) for line in (folder / "golden" / f"{name}.json").read_text().splitlines()]


def named(kind):
    return {file.stem: json.loads(file.read_text()) for file in (folder / kind).glob("*.json")}


def golden():
    """What was written of each message, by its name."""
    made = {name: lines(name) for name in named("events")}
    for name, schema in named("commands").items():
        made[name] = [command for command in lines("whole_commands") if command["dataschema"] == schema["$id"]]
    for reply in lines("replies"):
        made.setdefault(f"reply.{reply['answer']}", []).append(reply)
    return made


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

    def test_has_each_message_on_its_topic_and_no_other(self):
        told = {(channel["address"], name) for channel in document["channels"].values() for name in channel["messages"]}
        kinds = [kind["title"] for kind in json.loads((folder / "reply.json").read_text())["oneOf"]]
        expected = {(f"boxoffice.{schema['x-topic']}", name) for name, schema in named("events").items()}
        expected |= {("boxoffice.commands", name) for name in named("commands")}
        expected |= {("boxoffice.replies", f"reply.{kind}") for kind in kinds}
        self.assertEqual(told, expected)
        self.assertEqual(set(document["components"]["messages"]), {name for _, name in expected})

    def test_holds_for_each_golden_line(self):
        self.assertEqual(set(golden()), set(document["components"]["messages"]))
        for name, written in golden().items():
            for one in written:
                self.assertTrue(fits(one, document["components"]["messages"][name]), one)

    def test_tells_one_message_from_another(self):
        messages = document["components"]["messages"]
        for name, written in golden().items():
            fitting = [other for other, message in messages.items() if fits(written[0], message)]
            self.assertEqual(fitting, [name])

    def test_says_that_what_names_a_wrapped_key_has_it(self):
        """A rule of 2020-12 that draft-07 calls otherwise."""
        [command, *_] = [one for one in golden()["ClaimTicket.v1"] if "keyvalue" in one]
        message = document["components"]["messages"]["ClaimTicket.v1"]
        self.assertTrue(fits(command, message))
        del command["keyvalue"]
        self.assertFalse(fits(command, message))

    def test_has_examples_that_fit(self):
        for message in document["components"]["messages"].values():
            for example in message["examples"]:
                self.assertTrue(fits(example["payload"], message))


unittest.main(argv=sys.argv[:1])
