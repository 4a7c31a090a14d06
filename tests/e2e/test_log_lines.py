"""What the processes of this run wrote to their logs is what docs/logs.md says. Runs last."""

import collections
import datetime
import json
import pathlib
import re

from boxoffice_client import ADMIN_KEY, Service

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/logs.md"
IN_EVERY_LINE = ["time", "level", "event", "message"]
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


def documented():
    """By event: levels and fields."""
    events = {}
    for line in DOCUMENT.read_text().splitlines():
        if not line.startswith("| `"):
            continue
        names, levels, _, fields, _ = [cell.strip() for cell in line.strip("|").split("|", 4)]
        for name in re.findall(r"`(\w+)`", names):
            events[name] = (set(levels.split(", ")), re.findall(r"`(\w+)`", fields))
    return events


def misfit(line, events):
    """What is wrong with the line; None where nothing is."""
    try:
        said = json.loads(line)
    except ValueError as error:
        return f"no JSON: {error}"
    if list(said)[:4] != IN_EVERY_LINE:
        return "does not begin as every line does"
    datetime.datetime.strptime(said["time"], "%Y-%m-%dT%H:%M:%S.%fZ")
    if said["event"] not in events:
        return "an event that is not in the document"
    levels, fields = events[said["event"]]
    if said["level"] not in levels:
        return f"a level that is not in the document: {sorted(levels)}"
    if list(said)[4:] != fields:
        return f"other fields than in the document: {fields}"
    if EMAIL.search(line) or ADMIN_KEY in line:
        return "an address or a secret"
    return None


def test_the_document_is_read_and_what_differs_is_found():
    events = documented()
    assert events["append_failed"][1][:2] == ["partitions", "events"]
    assert events["stopped"] == ({"info"}, [])
    head = '{"time":"2027-01-16T19:00:00.000Z","level":"info",'
    assert misfit(head + '"event":"stopped","message":"stopped"}', events) is None
    for wrong in ['"event":"stopped","message":"for ada@example.org"}',
                  '"event":"stopped","message":"","by":1}', '"event":"halted","message":""}',
                  '"event":"failed","message":"","exit_code":1}', '"message":""}', '"event":']:
        assert misfit(head + wrong, events), wrong


def test_every_line_of_this_run_fits():
    events, wrong, seen = documented(), {}, collections.Counter()
    for log in sorted(Service.logs):
        if not log.exists():
            continue
        whole = log.read_text(errors="replace").split("\n")[:-1]
        for line in whole:
            if line.startswith("boxoffice: "):  # before there is a log: a setting is wrong
                continue
            fault = misfit(line, events)
            if fault:
                wrong.setdefault(fault, (log, line))
            else:
                seen[json.loads(line)["event"]] += 1
    print(dict(seen))
    assert not wrong, wrong
    assert {"setting", "ready"} <= seen.keys() or not Service.logs
