"""An outside client's ledger: it writes down what it was answered and trusts nothing else."""

import http.client
import json
import threading

from boxoffice_client import ADDRESSES, fresh_email, fresh_ip


class Ledger:
    """What was asked, and what was answered."""

    def __init__(self):
        self._lock = threading.Lock()
        self.answered = {}  # idempotency key → (email, ip, status, body)
        self.unanswered = {}  # idempotency key → (email, ip): cut off; perhaps decided
        self.put_off = 0  # how often the answer was to ask again

    def write_asked(self, key, email, ip):
        with self._lock:
            self.unanswered[key] = (email, ip)

    def write_answer(self, key, answer):
        with self._lock:
            email, ip = self.unanswered.pop(key)
            self.answered[key] = (email, ip, answer.status, answer.body)

    def count_put_off(self):
        with self._lock:
            self.put_off += 1

    def granted(self):
        with self._lock:  # others write it meanwhile
            answered = dict(self.answered)
        return {key: json.loads(body) for key, (_, _, status, body) in answered.items()
                if status == 201}


def claim_until_cut_off(occasion, ledger, stopped=None, timeout=10, put_off=(503,)):
    """Or until `stopped`. What gets no ticket now is asked again at the end."""
    connection = http.client.HTTPConnection(occasion.service.address, timeout=timeout)
    client = occasion.service.anyone
    stopped = stopped or threading.Event()
    while not stopped.is_set():
        key = f"ledger-{next(ADDRESSES):016}"
        email, ip = fresh_email(), fresh_ip()
        ledger.write_asked(key, email, ip)
        try:
            answer = client.request("POST", f"{occasion.path}/claims", {"email": email},
                                    connection=connection, X_Forwarded_For=ip, Idempotency_Key=key)
        except (OSError, http.client.HTTPException):
            return
        assert answer.status in (201, *put_off), answer.body
        if answer.status == 201:
            ledger.write_answer(key, answer)
        else:
            ledger.count_put_off()
            stopped.wait(0.5)


def ask_again(occasion, key, email, ip):
    return occasion.noted(
        occasion.service.anyone.post(f"{occasion.path}/claims", {"email": email},
                                     X_Forwarded_For=ip, Idempotency_Key=key))


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
    tickets = [claim["ticket"] for claim in ledger.granted().values()]
    assert len({(ticket["pool"], ticket["number"]) for ticket in tickets}) == len(tickets)
    assert len({ticket["id"] for ticket in tickets}) == len(tickets)
