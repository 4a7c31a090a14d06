#!/usr/bin/python3
"""Writes the AsyncAPI 3.0 document of the topics from the schemas.

    asyncapi.py SCHEMA_FOLDER OUT_JSON
"""

import json
import sys
from pathlib import Path

import contract

BINDING = "0.5.0"  # of Kafka
DESCRIPTION = (
    "Every decision of Boxoffice is an event: a CloudEvent 1.0 in structured mode. With its log on Kafka these are the "
    "topics; a prefix that the deployment has stands before their names. Read them with isolation.level=read_committed. "
    "All topics have the same number of partitions, an occasion's events are in one partition, and `sequence` numbers "
    "the events of a partition 1, 2, 3 … over all its topics: ordered by it, they are the order in which was decided."
)
DROPPED = {"$schema", "$id", "x-cpp"}


def reference(*path):
    return {"$ref": "/".join(["#", *path])}


def rewritten(schema):
    """As a Schema Object of AsyncAPI, a draft-07 schema: references lead to the components, with nothing beside them."""
    if isinstance(schema, list):
        return [rewritten(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: rewritten(value) for key, value in schema.items() if key not in DROPPED and key != "$ref"}
    if "$ref" not in schema:
        return made
    target = reference("components", "schemas", schema["$ref"].removeprefix(contract.TYPES))
    return made | {"allOf": [target]} if made else target


def referred(schema):
    """The names of the types that a schema refers to itself."""
    if isinstance(schema, dict):
        own = [schema["$ref"].removeprefix(contract.TYPES)] if schema.get("$ref", "").startswith(contract.TYPES) else []
        return own + referred(list(schema.values()))
    return [name for one in schema for name in referred(one)] if isinstance(schema, list) else []


def types_needed(schemas, types):
    """Those that the schemas refer to, themselves or by others; in the order of types.json."""
    found, open_ones = set(), referred(schemas)
    while open_ones:
        name = open_ones.pop()
        if name not in found:
            found.add(name)
            open_ones += referred(types[name])
    return {name: schema for name, schema in types.items() if name in found}


def channel(topic):
    return {
        "address": topic.full_name,
        "title": topic.full_name,
        "description": f"{topic.description} The key of a record is {topic.key}.",
        "messages": {event.file: reference("components", "messages", event.file) for event in topic.events},
        "bindings": {"kafka": {"topicConfiguration": contract.KEPT_FOR_EVER, "bindingVersion": BINDING}},
    }


def operation(topic):
    return {
        "action": "send",
        "channel": reference("channels", topic.name),
        "summary": f"Boxoffice writes {topic.full_name}.",
    }


def message(event):
    own = {
        "type": {"const": contract.PREFIX + event.name},
        "dataschema": {"const": event.schema["$id"]},
        "data": reference("components", "schemas", event.file),
    }
    return {
        "name": contract.PREFIX + event.name,
        "title": event.name,
        "summary": event.schema["description"],
        "traits": [reference("components", "messageTraits", "event")],
        "payload": {"allOf": [reference("components", "schemas", "envelope"), {"properties": own}]},
        "examples": [{"payload": event.example}],
    }


def trait():
    """What all messages have in common."""
    return {
        "contentType": contract.CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {"content-type": {"const": contract.CONTENT_TYPE}},
            "required": ["content-type"],
        },
        "correlationId": {
            "description": "The id of the request that led to it; absent where no request did.",
            "location": "$message.payload#/correlationid",
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The event's `subject`."},
                "bindingVersion": BINDING,
            }
        },
    }


def document(told):
    events = [event for topic in told.topics for event in topic.events]
    schemas = {"envelope": told.envelope} | {event.file: event.schema for event in events}
    schemas |= types_needed(list(schemas.values()), told.types)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Boxoffice", "version": "1", "description": DESCRIPTION},
        "defaultContentType": contract.CONTENT_TYPE,
        "channels": {topic.name: channel(topic) for topic in told.topics},
        "operations": {f"write-{topic.name}": operation(topic) for topic in told.topics},
        "components": {
            "messages": {event.file: message(event) for event in events},
            "messageTraits": {"event": trait()},
            "schemas": {name: rewritten(schema) for name, schema in schemas.items()},
        },
    }


if __name__ == "__main__":
    text = json.dumps(document(contract.read(sys.argv[1])), ensure_ascii=False, separators=(",", ":"))
    Path(sys.argv[2]).write_text(text)
