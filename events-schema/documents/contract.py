"""The contract as documents tell it: topics, what is on each, and an example of every event, command and reply."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "boxoffice."
URN = "urn:boxoffice:"
TYPES = URN + "types#/$defs/"
CLOUD_EVENT, JSON = "application/cloudevents+json", "application/json"  # as headers say it

# How topics are made and what they are checked for (event-log/kafka/topics.cpp).
KEPT_FOR_EVER = {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1}
KEPT_A_WEEK = KEPT_FOR_EVER | {"retention.ms": 604_800_000}
KEPT_TEN_MINUTES = KEPT_FOR_EVER | {"retention.ms": 600_000}


@dataclass
class Event:
    file: str  # <name>.v<version>
    schema: dict
    example: dict  # the first golden line

    @property
    def name(self):
        return self.schema["title"]

    @property
    def type(self):
        return PREFIX + self.name

    @property
    def description(self):
        return self.schema["description"]


class Command(Event):
    @property
    def type(self):
        return f"{PREFIX}command.{self.name}"


class Reply(Event):
    @property
    def type(self):
        return f"{PREFIX}reply.{self.name}"


@dataclass
class Topic:
    name: str
    description: str
    key: str
    kept: dict = field(default_factory=lambda: KEPT_FOR_EVER)
    content_type: str = CLOUD_EVENT
    messages: list = field(default_factory=list)

    @property
    def full_name(self):
        return PREFIX + self.name


@dataclass
class Contract:
    envelope: dict
    command_envelope: dict
    types: dict
    topics: list  # those that have events
    empty: list  # the names of the others that will have
    commands: Topic
    replies: Topic

    @property
    def events(self):
        return [event for topic in self.topics for event in topic.messages]


def load(path):
    return json.loads(path.read_text())


def golden(folder, name):
    return [json.loads(line) for line in (folder / "golden" / name).read_text().splitlines()]


def first(found, what):
    """Ends the program where nothing was found."""
    for one in found:
        return one
    sys.exit(f"there is no golden line of {what}")


def event_topics(folder):
    """Ends the program where topics.json and the schemas' `x-topic` disagree about which topics have events."""
    told = load(folder / "topics.json")
    topics = {name: Topic(name, **described) for name, described in told.items() if described}
    for file in sorted((folder / "events").glob("*.json")):
        schema = load(file)
        if schema["x-topic"] not in topics:
            sys.exit(f"topics.json does not describe {schema['x-topic']}, the topic of {file.name}")
        topics[schema["x-topic"]].messages.append(Event(file.stem, schema, golden(folder, file.name)[0]))
    for topic in topics.values():
        if not topic.messages:
            sys.exit(f"topics.json describes {topic.name}, which has no event")
    return list(topics.values()), [PREFIX + name for name in told if name not in topics]


def commands(folder):
    topic = Topic("commands", "What gateways ask processors to decide.", "the command's `subject`", KEPT_A_WEEK)
    whole = golden(folder, "whole_commands.json")
    for file in sorted((folder / "commands").glob("*.json")):
        schema = load(file)
        example = first((one for one in whole if one["dataschema"] == schema["$id"]), f"a whole {file.stem}")
        topic.messages.append(Command(file.stem, schema, example))
    return topic


def replies(folder):
    topic = Topic("replies", "What processors answer gateways.", "the command's `replyto`", KEPT_TEN_MINUTES, JSON)
    written = golden(folder, "replies.json")
    for kind in load(folder / "reply.json")["oneOf"]:
        example = first((one for one in written if one["answer"] == kind["title"]), f"a reply {kind['title']}")
        topic.messages.append(Reply(f"reply.{kind['title']}", kind, example))
    return topic


def read(folder):
    folder = Path(folder)
    topics, empty = event_topics(folder)
    return Contract(
        load(folder / "envelope.json"),
        load(folder / "command_envelope.json"),
        load(folder / "types.json")["$defs"],
        topics,
        empty,
        commands(folder),
        replies(folder),
    )
