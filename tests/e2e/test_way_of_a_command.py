"""The way of one command, in the steps and the order in which docs/architecture.md tells it."""

import hashlib
import json
import pathlib
import re

import pytest

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ARCHITECTURE = pathlib.Path(__file__).resolve().parents[2] / "docs/architecture.md"


@pytest.fixture
def step():
    """`step(name)` says that the walk has come there: it must be the document's next. None: the
    walk is over, and there is no next."""
    told = re.findall(r"^\| \*\*(\w+)\*\* \|", ARCHITECTURE.read_text(), re.MULTILINE)
    assert told
    ahead = iter(told)

    def come_to(name):
        assert next(ahead, None) == name

    return come_to


def test_from_the_socket_to_the_read_model(start, step):
    service = start("--limits", "off")
    occasion = service.occasion(2)
    claims = f"{occasion.path}/claims"
    before = service.history()

    step("receive")  # what is no request goes no further
    service.anyone.get("/v1/occasions", Host="no host").problem(400, "malformed_http")

    step("admit")  # who is calling is asked before the body is looked at
    service.client(key="wrong").request("POST", claims, raw=b"no JSON").problem(401)

    step("validate")  # the body before anything is decided
    service.anyone.post(claims, {"email": 5}).problem(400, "wrong_type", "/email")
    assert service.history() == before

    answer = occasion.claim("ada@example.org", traceparent=TRACE, X_Request_Id="walk-1",
                            Idempotency_Key="the-way-of-one-command").expect(201)
    claim = answer.json()
    lines = service.history()
    line, = [line for line in lines if claim["id"] in line]
    event = json.loads(line)

    step("seal")  # nobody is named on the log
    assert "ada@" not in line and "example.org" not in line
    assert event["data"]["address"].startswith("s1.")

    step("submit")  # with where it came from
    assert event["actor"] == "anonymous"
    assert event["traceparent"].split("-")[1] == TRACE.split("-")[1]

    step("decide")  # after it was taken in; to one event
    assert event["received"] <= event["time"]
    assert event["type"].endswith("TicketClaimed")
    assert event["subject"].endswith(occasion.id)

    step("write")  # chained to the one before it
    previous = lines[lines.index(line) - 1]
    assert event["prevhash"] == hashlib.sha256(previous.encode()).hexdigest()

    step("append")  # under the position that was answered
    partition, sequence = answer.position.split(":")
    assert int(event["sequence"]) == int(sequence)
    assert len(lines) == len(before) + 1

    step("answer")  # from the event; again, when asked again
    assert answer.headers["x-request-id"] == "walk-1"
    assert claim["ticket"]["id"] in line
    again = occasion.claim("ada@example.org", Idempotency_Key="the-way-of-one-command")
    assert (again.body, again.position) == (answer.body, answer.position)
    assert service.history() == lines

    step("project")  # into every read model
    assert occasion.availability(answer.position)["claimed"] == 1
    audited = service.admin.get(f"/v1/audit?occasion={occasion.id}&type=TicketClaimed",
                                Boxoffice_At_Least=answer.position).expect(200)
    assert line in audited.body.decode()

    step("read")  # as soon as they have reached the position, and no sooner
    shown = service.anyone.get(f"{claims}/{claim['id']}?token={claim['token']}",
                               Boxoffice_At_Least=answer.position).expect(200)
    assert shown.json()["ticket"] == claim["ticket"]
    service.anyone.get(f"{occasion.path}/availability",
                       Boxoffice_At_Least=f"{partition}:{10**9}").problem(503, "not_reached")
    step(None)
