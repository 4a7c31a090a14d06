"""`kill -9` at any moment: each answered claim is there at the next start, with the same ticket,
and no ticket twice."""

import json
import random
import time

from boxoffice_client import Threads, at_once, await_until
from chance import SEED
from ledger import Ledger, claim_until_cut_off, expect_all_there, expect_no_ticket_twice
from load import Load

KILLS = 10
CLIENTS = 8
KILLS_UNDER_LOAD = 6
CONNECTIONS = 64
ENTRY_BYTES_MAX = 400  # of its ledger; some 330
LONG = {"ttl_ms": 86_400_000}


def test_answered_claims_survive_kills_at_random_moments(start):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    service = start("--limits", "off", "--snapshot-every-ms", "300")
    occasion = service.occasion(1_000_000, 1_000_000, claims=LONG)
    ledger = Ledger()
    for _ in range(KILLS):
        clients = Threads([lambda: claim_until_cut_off(occasion, ledger)] * CLIENTS)
        time.sleep(chance.uniform(0.05, 1.2))  # the moment is what is random here
        service.kill()
        clients.results()
        service.start()
        expect_all_there(occasion, ledger, chance)

    expect_no_ticket_twice(ledger)
    counts = occasion.availability()
    assert counts["claimed"] == len(ledger.granted())
    assert service.stop() == 0
    service.tool("replay", "verify", "--data", service.data)
    assert len(ledger.granted()) > 10 * KILLS


def test_each_of_thousands_of_claims_a_second_survives_kills(start, tmp_path):
    """Whole batches are under way when it is killed. All that was answered is held against the log,
    and nothing else may be there but what was cut off."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    service = start("--limits", "off", "--snapshot-every-ms", "300")
    occasion = service.occasion(1_000_000, 1_000_000, claims=LONG)
    granted = []
    for kill in range(KILLS_UNDER_LOAD):
        load = Load(occasion, tmp_path / f"ledger-{kill}", first=kill * 1_000_000,
                    connections=CONNECTIONS)
        wanted = chance.randrange(1_000, 10_000) * ENTRY_BYTES_MAX
        await_until(lambda: load.written() >= wanted, "claims", 60)
        service.kill()
        entries = load.was_cut_off()
        assert {entry.status for entry in entries} == {201}
        granted += [entry.body for entry in entries]
        service.start()

    counted = occasion.availability()["claimed"]
    assert service.stop() == 0
    assert "violations 0" in service.tool("replay", "verify", "--data", service.data)
    claims = claims_in(service.history())
    assert len(granted) >= 1_000 * KILLS_UNDER_LOAD
    for claim in granted:
        assert claims[claim["id"]] == claim["ticket"]["id"]
    assert len({claim["id"] for claim in granted}) == len(granted)
    assert len(granted) <= len(claims) == counted <= len(granted) + CONNECTIONS * KILLS_UNDER_LOAD


def claims_in(history):
    """The ticket of each claim by the claim's id; none of either stands there twice."""
    claimed = [event["data"] for event in map(json.loads, history)
               if event["type"] == "boxoffice.TicketClaimed"]
    tickets = {event["claim"]: event["ticket"] for event in claimed}
    assert len(tickets) == len(set(tickets.values())) == len(claimed)
    return tickets


def test_every_kind_of_command_survives_a_kill(start):
    """Killed as soon as the last answer is there."""
    service = start("--limits", "off")
    occasion = service.occasion(5)
    held, confirmed, released = (occasion.claimed() for _ in range(3))
    occasion.confirm(confirmed).expect(200)
    occasion.release(released).expect(200)
    key = service.admin.post("/v1/keys", {"name": "k", "role": "gate"}).expect(201).json()
    changed = occasion.change({"notes": "changed"}).expect(200).json()
    service.restart_after_kill()
    assert [occasion.shown(claim).json()["state"] for claim in (held, confirmed, released)] == [
        "held", "confirmed", "released"]
    assert occasion.get().json() == changed
    assert service.client(key["key"]).get("/v1/keys").status == 403
    counts = occasion.availability()
    assert (counts["claimed"], counts["issued"], counts["free"]) == (1, 1, 3)


def test_expiry_goes_on_after_a_kill(start):
    service = start("--limits", "off")
    occasion = service.occasion(1, claims={"ttl_ms": 1500})
    claim = occasion.claimed()
    service.restart_after_kill()
    await_until(lambda: occasion.availability()["free"] == 1, "the expiry")
    assert occasion.shown(claim).json()["state"] == "expired"


def test_killed_again_and_again_while_starting(start):
    service = start("--limits", "off", "--snapshot-every-ms", "100")
    occasion = service.occasion(100)
    claims = [occasion.claimed() for _ in range(20)]
    chance = random.Random(SEED)
    for _ in range(8):
        service.kill()
        service.launch()
        time.sleep(chance.uniform(0.0, 0.3))  # the moment is what is random here
    service.kill()
    service.start()
    states = at_once([lambda claim=claim: occasion.shown(claim).expect(200).json()["state"]
                      for claim in claims])
    assert set(states) == {"held"}
