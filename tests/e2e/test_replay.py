"""The history outside of the service: shown exactly, verified, and any tampering named."""

import hashlib
import json
import re
import shutil

import pytest


@pytest.fixture
def at_rest(start):
    """A service with a history, ended cleanly; and that history."""
    service = start("--limits", "off")
    occasion = service.occasion(5, 5)
    claims = [occasion.claimed() for _ in range(6)]
    occasion.confirm(claims[0]).expect(200)
    occasion.release(claims[1]).expect(200)
    occasion.claim(ip="192.0.2.9").expect(201)
    occasion.claim(ip="192.0.2.9").problem(409, "already_claimed")
    service.occasion(3).claimed()
    service.admin.post("/v1/keys", {"name": "Gate", "role": "gate"}).expect(201)
    assert service.stop() == 0
    return service


def test_the_chain_holds_by_an_outsiders_reckoning(at_rest):
    """Sequences 1, 2, 3 … in each partition, each event with the SHA-256 of the one before."""
    chains = partitions_of(at_rest.history())
    assert sum(map(len, chains)) >= 15
    for values in chains:
        before = ""
        for number, value in enumerate(values, 1):
            event = json.loads(value)
            assert int(event["sequence"]) == number
            assert event["prevhash"] == before
            before = hashlib.sha256(value.encode()).hexdigest()
        assert [json.loads(value)["time"] for value in values] == sorted(
            json.loads(value)["time"] for value in values)


def partitions_of(lines):
    """History as lists of values: a partition ends where the next sequence is 1."""
    chains = []
    for line in lines:
        if int(json.loads(line)["sequence"]) == 1:
            chains.append([])
        chains[-1].append(line)
    return chains


def test_verify_counts_and_agrees(at_rest):
    said = at_rest.tool("replay", "verify", "--data", at_rest.data)
    assert str(len(at_rest.history())) in said


def last_segment(service):
    return max((service.data / "log").glob("*.log"))


def position_of(value):
    event = json.loads(value)
    return event["id"].replace("-", ":")


def test_verify_names_the_event_whose_key_is_damaged(at_rest):
    """What the event has sealed could never be opened again."""
    segment = last_segment(at_rest)
    stored = bytearray(segment.read_bytes())
    key = re.search(rb"person/[\w-]{22}/([\w-]+)\0", stored)
    stored[key.end() + 3] ^= 0x20
    segment.write_bytes(stored)
    [event] = [value for value in at_rest.history() if f".{key[1].decode()}." in value]
    said = at_rest.tool("replay", "verify", "--data", at_rest.data, status=1)
    assert f"{position_of(event)} stored: " in said
    assert "\nviolations 1\n" in said


def test_a_last_event_whose_key_was_cut_short_is_no_whole_batch(start):
    service = start("--limits", "off")
    occasion = service.occasion(5)
    occasion.claimed()
    claimed = occasion.claim().expect(201)
    assert service.stop() == 0
    segment = last_segment(service)
    stored = bytearray(segment.read_bytes())
    end = len(stored.rstrip(b"\0"))
    stored[end - 7:end] = bytes(7)
    segment.write_bytes(stored)
    said = service.tool("replay", "verify", "--data", service.data)
    assert f"{claimed.position} left out: " in said
    for made_from_the_log in ["snapshots", "idempotency", "projections"]:
        shutil.rmtree(service.data / made_from_the_log)
    service.start()
    assert service.warned(str(segment), claimed.position)
    assert occasion.availability("0:0")["claimed"] == 1


def test_verify_and_show_work_while_the_service_runs(at_rest):
    before = at_rest.history()
    at_rest.start()
    occasion = at_rest.occasion(1)
    occasion.claimed()
    running = at_rest.history()
    assert len(running) == len(before) + 3
    at_rest.tool("replay", "verify", "--data", at_rest.data)
    assert at_rest.stop() == 0
    assert at_rest.history() == running


def test_a_changed_byte_is_found_and_named(at_rest):
    victim = next(value for value in at_rest.history() if "TicketClaimed" in value)
    sequence = int(json.loads(victim)["sequence"])
    altered = victim.replace('"number":', '"numbeR":', 1)
    assert altered != victim
    changed = 0
    for file in at_rest.data.rglob("*"):
        if file.is_file() and victim.encode() in (content := file.read_bytes()):
            file.write_bytes(content.replace(victim.encode(), altered.encode()))
            changed += 1
    assert changed
    said = at_rest.tool("replay", "verify", "--data", at_rest.data, status=None)
    assert re.search(rf"\b\d+:{sequence}\b", said), said


def test_a_history_cut_short_inside_is_found(at_rest):
    """Bytes taken out of the middle of a log file."""
    victim = [value for value in at_rest.history() if "TicketClaimed" in value][1]
    for file in at_rest.data.rglob("*"):
        if file.is_file() and victim.encode() in (content := file.read_bytes()):
            file.write_bytes(content.replace(victim.encode(), b"", 1))
    at_rest.tool("replay", "verify", "--data", at_rest.data, status=None)


def test_a_damaged_log_is_not_served(at_rest):
    victim = next(value for value in at_rest.history() if "TicketClaimed" in value)
    for file in at_rest.data.rglob("*"):
        if file.is_file() and victim.encode() in (content := file.read_bytes()):
            file.write_bytes(content.replace(victim.encode(), victim.encode()[::-1]))
    for model in {file.parent for file in at_rest.data.rglob("CURRENT")}:
        shutil.rmtree(model)
    for snapshot in at_rest.data.rglob("*snapshot*"):
        shutil.rmtree(snapshot) if snapshot.is_dir() else snapshot.unlink()
    at_rest.launch()
    assert at_rest.process.wait(15) != 0


def test_a_torn_end_is_left_out_and_told(at_rest):
    """What a crash leaves of a write that it interrupted. Damage to the last one looks the same."""
    before = at_rest.history()
    segment = max((at_rest.data / "log").glob("*.log"))
    whole = bytearray(segment.read_bytes())
    end = len(whole.rstrip(b"\0"))
    whole[end:end + 12] = b"half written"
    segment.write_bytes(whole)
    said = at_rest.tool("replay", "verify", "--data", at_rest.data)
    assert "left out: " in said and segment.name in said
    at_rest.start()
    assert at_rest.warned("cut off at the log's end", segment.name)
    assert at_rest.stop() == 0
    assert at_rest.history() == before
    assert "left out" not in at_rest.tool("replay", "verify", "--data", at_rest.data)


@pytest.mark.parametrize("kept, said", [
    ("projections", "the read models in .* which the log does not have"),
    ("idempotency", "the idempotency keys know what happened up to .* but the log ends at"),
    ("snapshots", "the snapshots know what happened up to .* but the log ends at")])
def test_a_log_that_lost_its_last_batch_is_not_served(at_rest, kept, said):
    """What was made from it knows what it does not: what is gone was more than a crash's. Waiting
    does not bring it back, so the service ends and says so."""
    segment = max((at_rest.data / "log").glob("*.log"))
    whole = segment.read_bytes()
    segment.write_bytes(whole[:whole.rindex(b"\xb0xf\x01")])
    for derived in {"projections", "idempotency", "snapshots"} - {kept}:
        shutil.rmtree(at_rest.data / derived)
    at_rest.launch()
    assert at_rest.process.wait(15) == 1
    assert re.search(f'"event":"failed","message":"{said}', at_rest.said())
    assert not at_rest.ready_file.exists()
    shutil.rmtree(at_rest.data / kept)
    assert at_rest.start().stop() == 0


def test_show_filters(at_rest):
    lines = at_rest.history()
    occasion = json.loads(next(line for line in lines if "TicketClaimed" in line))["subject"]
    shown = at_rest.tool("replay", "show", "--data", at_rest.data, "--format", "jsonl",
                         "--type", "TicketClaimed").splitlines()
    assert shown == [line for line in lines if json.loads(line)["type"].endswith("TicketClaimed")]
    assert any(occasion in line for line in shown)


def test_explain_tells_what_caused_an_event(at_rest):
    event = json.loads(next(line for line in at_rest.history() if "ClaimConfirmed" in line))
    said = at_rest.tool("replay", "explain", "--data", at_rest.data, event["id"])
    assert event["id"] in said and event["causationid"] in said


def test_a_directory_that_is_none_is_an_error(at_rest, tmp_path):
    at_rest.tool("replay", "verify", "--data", tmp_path / "nothing", status=None)
    (tmp_path / "empty").mkdir()
    at_rest.tool("replay", "verify", "--data", tmp_path / "empty", status=None)


@pytest.mark.parametrize("command", ["verify", "show", "rebuild", "diff"])
def test_a_directory_that_is_none_is_refused_and_not_made(at_rest, tmp_path, command):
    at_rest.tool("replay", command, "--data", tmp_path / "typo", status=2)
    assert not (tmp_path / "typo").exists()
    (tmp_path / "empty").mkdir()
    at_rest.tool("replay", command, "--data", tmp_path / "empty", status=2)
    assert not any((tmp_path / "empty").iterdir())


def test_read_models_are_rebuilt_and_compared_at_rest_and_in_use(at_rest):
    def same():
        return at_rest.tool("replay", "diff", "--data", at_rest.data)

    log = {file: file.read_bytes() for file in (at_rest.data / "log").iterdir()}
    assert len(set(re.findall(r"^(\w+) version .*, the same$", same(), re.M))) > 1
    one = re.match(r"\w+", same())[0]
    said = at_rest.tool("replay", "rebuild", one, "--swap", "--data", at_rest.data)
    assert said.count("\n") == 1 and said.startswith(one) and "swapped in" in said
    assert {file: file.read_bytes() for file in (at_rest.data / "log").iterdir()} == log
    before = same()
    at_rest.start()
    assert same() == before
    assert "swapped in" in at_rest.tool("replay", "rebuild", one, "--swap", "--data", at_rest.data)
    assert same() == before


def test_help_lists_all_that_replay_can(at_rest):
    said = at_rest.tool("replay", "--help")
    for command in ["show", "explain", "verify", "rebuild", "diff"]:
        assert re.search(rf"^ *{command} ", said, re.M), said
