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
    "the events of a partition 1, 2, 3 … over all its topics: ordered by it, they are the order in which was decided. "
    "The topics of commands and replies are no history: see there."
)
INTERNAL = (
    "Internal to the gateways and processors of a deployment, where these are processes of their own. Whoever likes may "
    "read along; what is here goes after a while, and may be otherwise in the next release."
)
DROPPED = {"$schema", "$id", "x-cpp"}
RENAMED = {"dependentRequired": "dependencies"}  # by what draft-07 has instead


def reference(*path):
    return {"$ref": "/".join(["#", *path])}


def rewritten(schema):
    """As a Schema Object of AsyncAPI, a draft-07 schema: references lead to the components, with nothing beside them."""
    if isinstance(schema, list):
        return [rewritten(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in DROPPED and key != "$ref"}
    made = {RENAMED.get(key, key): rewritten(value) for key, value in kept.items()}
    if "$ref" not in schema:
        return made
    target = reference("components", "schemas", schema["$ref"].removeprefix(contract.TYPES).removeprefix(contract.URN))
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


def channel(topic, *more):
    return {
        "address": topic.full_name,
        "title": topic.full_name,
        "description": " ".join([topic.description, f"The key of a record is {topic.key}.", *more]),
        "messages": {each.file: reference("components", "messages", each.file) for each in topic.messages},
        "bindings": {"kafka": {"topicConfiguration": topic.kept, "bindingVersion": BINDING}},
    }


def operation(topic, writer="Boxoffice writes", **more):
    return {
        "action": "send",
        "channel": reference("channels", topic.name),
        "summary": f"{writer} {topic.full_name}.",
        **more,
    }


def message(each, trait, payload):
    return {
        "name": each.type,
        "title": each.name,
        "summary": each.description,
        "traits": [reference("components", "messageTraits", trait)],
        "payload": payload,
        "examples": [{"payload": each.example}],
    }


def enveloped(each, envelope):
    """The payload of an event or command: its own data within the envelope."""
    own = {
        "type": {"const": each.type},
        "dataschema": {"const": each.schema["$id"]},
        "data": reference("components", "schemas", each.file),
    }
    return {"allOf": [reference("components", "schemas", envelope), {"properties": own}]}


def messages(told):
    made = {each.file: message(each, "event", enveloped(each, "envelope")) for each in told.events}
    for each in told.commands.messages:
        made[each.file] = message(each, "command", enveloped(each, "command_envelope"))
    for each in told.replies.messages:
        made[each.file] = message(each, "reply", reference("components", "schemas", each.file))
    return made


def trait(content_type, key):
    """What all messages of a kind have in common."""
    return {
        "contentType": content_type,
        "headers": {
            "type": "object",
            "properties": {"content-type": {"const": content_type}},
            "required": ["content-type"],
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": BINDING}},
    }


def correlated(trait):
    said = "The id of the request that led to it; absent where no request did."
    return trait | {"correlationId": {"description": said, "location": "$message.payload#/correlationid"}}


def document(told):
    internal = [told.commands, told.replies]
    schemas = {"envelope": told.envelope, "command_envelope": told.command_envelope}
    schemas |= {each.file: each.schema for topic in [*told.topics, *internal] for each in topic.messages}
    schemas |= types_needed(list(schemas.values()), told.types)
    operations = {f"write-{topic.name}": operation(topic) for topic in told.topics}
    answered = {"reply": {"channel": reference("channels", told.replies.name)}}
    operations["write-commands"] = operation(told.commands, "Gateways write", **answered)
    operations["write-replies"] = operation(told.replies, "Processors write")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Boxoffice", "version": "1", "description": DESCRIPTION},
        "defaultContentType": contract.CLOUD_EVENT,
        "channels": {topic.name: channel(topic) for topic in told.topics}
        | {topic.name: channel(topic, INTERNAL) for topic in internal},
        "operations": operations,
        "components": {
            "messages": messages(told),
            "messageTraits": {
                "event": correlated(trait(contract.CLOUD_EVENT, "The event's `subject`.")),
                "command": correlated(trait(contract.CLOUD_EVENT, "The command's `subject`.")),
                "reply": trait(contract.JSON, "The command's `replyto`."),
            },
            "schemas": {name: rewritten(schema) for name, schema in schemas.items()},
        },
    }


if __name__ == "__main__":
    text = json.dumps(document(contract.read(sys.argv[1])), ensure_ascii=False, separators=(",", ":"))
    Path(sys.argv[2]).write_text(text)
