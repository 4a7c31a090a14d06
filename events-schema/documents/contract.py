"""The contract as documents tell it: topics, the events on each, and an example of every event."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "boxoffice."
TYPES = "urn:boxoffice:types#/$defs/"
CONTENT_TYPE = "application/cloudevents+json"

# How event topics are made and what they are checked for (event-log/kafka/topics.cpp).
KEPT_FOR_EVER = {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1}


@dataclass
class Event:
    file: str  # <name>.v<version>
    schema: dict
    example: dict  # the first golden line

    @property
    def name(self):
        return self.schema["title"]


@dataclass
class Topic:
    name: str
    description: str
    key: str
    events: list = field(default_factory=list)

    @property
    def full_name(self):
        return PREFIX + self.name


@dataclass
class Contract:
    envelope: dict
    types: dict
    topics: list  # those that have events
    empty: list  # the names of the others


def load(path):
    return json.loads(path.read_text())


def read(folder):
    """Ends the program where topics.json and the schemas' `x-topic` disagree about which topics have events."""
    folder = Path(folder)
    told = load(folder / "topics.json")
    topics = {name: Topic(name, **described) for name, described in told.items() if described}
    for file in sorted((folder / "events").glob("*.json")):
        schema = load(file)
        if schema["x-topic"] not in topics:
            sys.exit(f"topics.json does not describe {schema['x-topic']}, the topic of {file.name}")
        first_line, _, _ = (folder / "golden" / file.name).read_text().partition("\n")
        topics[schema["x-topic"]].events.append(Event(file.stem, schema, json.loads(first_line)))
    for topic in topics.values():
        if not topic.events:
            sys.exit(f"topics.json describes {topic.name}, which has no event")
    return Contract(
        load(folder / "envelope.json"),
        load(folder / "types.json")["$defs"],
        list(topics.values()),
        [PREFIX + name for name in told if name not in topics],
    )
