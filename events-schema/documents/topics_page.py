#!/usr/bin/python3
"""Keeps what docs/topics.md says of topics, events, commands and replies as the schemas and golden files have it.

    topics_page.py write SCHEMA_FOLDER PAGE     writes the parts of the page between `written` and `end` anew
    topics_page.py check SCHEMA_FOLDER PAGE     fails where they would be others
"""

import json
import re
import sys
from pathlib import Path

import contract

PART = re.compile(r"(?<=<!-- written by ./dev schemas: )(\w+)( -->\n).*?(?=<!-- end -->)", re.S)
WIDE = 110  # columns of a line of an example


def pretty(value, indent=0):
    """JSON with what fits on a line on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or indent + len(flat) <= WIDE:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {pretty(one, indent + 2)}" for key, one in value.items()]
    else:
        rows = [pretty(one, indent + 2) for one in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{inner}" + f",\n{inner}".join(rows) + f"\n{' ' * indent}{closing}"


def example(value):
    return ["```json", pretty(value), "```", ""]


def whole_example(event):
    """With each member on a line of its own."""
    rows = [f"  {json.dumps(key)}: {pretty(value, 2)}" for key, value in event.example.items()]
    return ["```json", "{\n" + ",\n".join(rows) + "\n}", "```", ""]


def members_of(envelope, otherwise):
    yield from ["| member | | what it says |", "|---|---|---|"]
    for name, member in envelope["properties"].items():
        presence = "always" if name in envelope["required"] else otherwise
        yield f"| `{name}` | {presence} | {said_of(name, member)} |"


def envelope(told):
    yield from ["", "## The envelope", ""]
    yield from members_of(told.envelope, "where known")
    claims = next(topic for topic in told.topics if topic.name == "claims")
    yield from ["", "A whole event, as it stands in a record but for its line breaks:", ""]
    yield from whole_example(next(event for event in claims.messages if event.name == "TicketClaimed"))


def said_of(name, member):
    if "const" in member:
        return f"`{member['const']}`"
    return member.get("description", "What happened; see below." if name == "data" else "").replace("<", "&lt;")


def members(event):
    """The names of the members that may be absent, as a sentence."""
    optional = [f"`{name}`" for name in event.schema["properties"] if name not in event.schema["required"]]
    return f" May be absent: {', '.join(optional)}." if optional else ""


def heading(each):
    version = each.file.rpartition(".v")[2]
    yield f"### {each.name}" + (f", version {version}" if version != "1" else "")
    yield from ["", each.description + members(each), ""]


def introduced(topic):
    return [f"## {topic.full_name}", "", f"{topic.description} The key of a record is {topic.key}.", ""]


def topic(told):
    yield from introduced(told)
    for event in told.messages:
        yield from heading(event)
        yield from example(event.example["data"])


def table(told):
    yield from ["| topic | the key of a record | |", "|---|---|---|"]
    for each in told.topics:
        anchor = each.full_name.replace(".", "")
        yield f"| [`{each.full_name}`](#{anchor}) | {each.key} | {each.description} |"
    for name in told.empty:
        yield f"| `{name}` | | empty so far |"
    for each in (told.commands, told.replies):
        anchor = each.full_name.replace(".", "")
        yield f"| [`{each.full_name}`](#{anchor}) | {each.key} | Internal, no history: {lowered(each.description)} |"


def lowered(sentence):
    return sentence[0].lower() + sentence[1:]


def events(told):
    yield from envelope(told)
    for each in told.topics:
        yield from topic(each)


def commands(told):
    yield ""
    yield from introduced(told.commands)
    yield from members_of(told.command_envelope, "where it applies")
    yield from ["", "Whole commands, as they stand in a record but for their line breaks:", ""]
    for command in told.commands.messages:
        yield from heading(command)
        yield from whole_example(command)


def replies(told):
    yield ""
    yield from introduced(told.replies)
    for reply in told.replies.messages:
        yield from [f"### {reply.name}", "", reply.description, ""]
        yield from example(reply.example)


def rewritten(page, told):
    parts = {"topics": table, "events": events, "commands": commands, "replies": replies}
    if sorted(found[1] for found in PART.finditer(page)) != sorted(parts):
        sys.exit(f"the page has not these parts, each once: {', '.join(parts)}")
    return PART.sub(lambda found: found[1] + found[2] + "".join(f"{line}\n" for line in parts[found[1]](told)), page)


def main(command, folder, path):
    path = Path(path)
    page = path.read_text()
    wanted = rewritten(page, contract.read(folder))
    if command == "write":
        path.write_text(wanted)
    elif page != wanted:
        sys.exit(f"{path} is not what the schemas say any more: run ./dev schemas")


if __name__ == "__main__":
    main(*sys.argv[1:])
