"""The way of one command, in the order in which docs/architecture.md tells it: the route, the
decision, the log, the read models."""

import hashlib
import json

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_from_the_route_to_the_read_models(start):
    service = start("--limits", "off")
    occasion = service.occasion(2)

    # The route: the answer names what was decided and where it stands.
    answer = occasion.claim("ada@example.org", traceparent=TRACE, X_Request_Id="walk-1",
                            Idempotency_Key="the-way-of-one-command").expect(201)
    claim = answer.json()
    partition, sequence = answer.position.split(":")

    # The log: one event, under that position, chained to the one before it.
    lines = service.history()
    found = [line for line in lines if claim["id"] in line]
    assert len(found) == 1
    event = json.loads(found[0])
    assert event["type"].endswith("TicketClaimed")
    assert int(event["sequence"]) == int(sequence)
    assert event["subject"].endswith(occasion.id)
    assert event["traceparent"].split("-")[1] == TRACE.split("-")[1]
    assert event["actor"] == "anonymous"
    assert event["received"] <= event["time"]
    before = lines[lines.index(found[0]) - 1]
    assert event["prevhash"] == hashlib.sha256(before.encode()).hexdigest()
    assert "ada" not in found[0]

    # The read models, as soon as they have reached the position.
    assert occasion.availability(answer.position)["claimed"] == 1
    shown = service.anyone.get(f"{occasion.path}/claims/{claim['id']}?token={claim['token']}",
                               Boxoffice_At_Least=answer.position).expect(200)
    assert shown.json()["ticket"] == claim["ticket"]
    audited = service.admin.get(f"/v1/audit?occasion={occasion.id}&type=TicketClaimed",
                                Boxoffice_At_Least=answer.position).expect(200)
    assert found[0] in audited.body.decode()

    # Asked again, nothing new is decided.
    again = occasion.claim("ada@example.org", Idempotency_Key="the-way-of-one-command")
    assert (again.body, again.position) == (answer.body, answer.position)
    assert service.history() == lines
    assert partition == again.position.split(":")[0]
