"""`kill -9` at any moment: each answered claim is there at the next start, with the same ticket,
and no ticket twice."""

import random
import time

from boxoffice_client import Threads, at_once, await_until
from ledger import Ledger, claim_until_cut_off, expect_all_there, expect_no_ticket_twice

KILLS = 10
CLIENTS = 8
SEED = random.randrange(2**32)


def test_answered_claims_survive_kills_at_random_moments(start):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    service = start("--limits", "off", "--snapshot-every-ms", "300")
    occasion = service.occasion(1_000_000, 1_000_000, claims={"ttl_ms": 86_400_000})
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
