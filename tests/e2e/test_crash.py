"""`kill -9` at any moment: each answered claim is there at the next start, with the same ticket,
and no ticket twice. The ledger is an outside client's: it writes down what it was answered and
trusts nothing else."""

import http.client
import json
import random
import threading
import time

from boxoffice_client import ADDRESSES, Threads, at_once, await_until, fresh_email, fresh_ip

KILLS = 10
CLIENTS = 8
SEED = random.randrange(2**32)


class Ledger:
    """What was asked, and what was answered."""

    def __init__(self):
        self._lock = threading.Lock()
        self.answered = {}  # idempotency key → (email, ip, status, body)
        self.unanswered = {}  # idempotency key → (email, ip): cut off; perhaps decided

    def write_asked(self, key, email, ip):
        with self._lock:
            self.unanswered[key] = (email, ip)

    def write_answer(self, key, answer):
        with self._lock:
            email, ip = self.unanswered.pop(key)
            self.answered[key] = (email, ip, answer.status, answer.body)

    def granted(self):
        return {key: json.loads(body) for key, (_, _, status, body) in self.answered.items()
                if status == 201}


def claim_until_cut_off(occasion, ledger):
    connection = http.client.HTTPConnection(occasion.service.address, timeout=10)
    client = occasion.service.anyone
    while True:
        key = f"ledger-{next(ADDRESSES):016}"
        email, ip = fresh_email(), fresh_ip()
        ledger.write_asked(key, email, ip)
        try:
            answer = client.request("POST", f"{occasion.path}/claims", {"email": email},
                                    connection=connection, X_Forwarded_For=ip, Idempotency_Key=key)
        except (OSError, http.client.HTTPException):
            return
        assert answer.status in (201, 503), answer.body
        if answer.status == 201:
            ledger.write_answer(key, answer)


def ask_again(occasion, key, email, ip):
    return occasion.service.anyone.post(f"{occasion.path}/claims", {"email": email},
                                        X_Forwarded_For=ip, Idempotency_Key=key)


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


def expect_all_there(occasion, ledger, chance):
    """Repeats get the same bytes, claims are shown with their tickets; what was cut off gets its
    one outcome now."""
    for key, (email, ip) in list(ledger.unanswered.items()):
        ledger.write_answer(key, ask_again(occasion, key, email, ip).expect(201))
    granted = ledger.granted()
    chosen = chance.sample(sorted(granted), min(len(granted), 150)) + list(granted)[-50:]
    for key in chosen:
        email, ip, status, body = ledger.answered[key]
        again = ask_again(occasion, key, email, ip)
        assert (again.status, again.body) == (status, body)
        shown = occasion.shown(granted[key]).expect(200).json()
        assert shown["state"] == "held" and shown["ticket"] == granted[key]["ticket"]
    assert occasion.availability()["claimed"] == len(granted)


def expect_no_ticket_twice(ledger):
    tickets = [(claim["ticket"]["pool"], claim["ticket"]["number"])
               for claim in ledger.granted().values()]
    assert len(tickets) == len(set(tickets))
    assert len({claim["ticket"]["id"] for claim in ledger.granted().values()}) == len(tickets)


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
