"""A deployment as many processes, and clients that hold it to what it answered."""

import concurrent.futures
import json
import random
import signal
import threading

from boxoffice_client import Threads, await_until
from kafka_service import PATIENCE_S, Gateway, Processor, Projector
from ledger import Ledger, claim_until_cut_off, expect_no_ticket_twice

LONG = {"ttl_ms": 86_400_000}
CLIENTS = 8
ASKED_AGAIN = 50  # of each occasion's claims, chosen by chance


class Deployment:
    """The processes of one prefix."""

    def __init__(self, folder, cluster, prefix):
        self.folder = folder
        self.cluster = cluster
        self.prefix = prefix
        self.made = []
        self.projectors = []

    def make(self, kind, name, *flags, **how):
        each = kind(self.folder / name, self.cluster, self.prefix, *flags, **how)
        if "environment" not in how and self.made and self.made[0].data.exists():
            each.with_secrets_of(self.made[0])
        self.made.append(each)
        return each

    def processor(self, name, *flags, session_timeout_ms=6000, **how):
        # Brokers take no less.
        return self.make(Processor, name, "--session-timeout-ms", str(session_timeout_ms), *flags,
                         **how)

    def projector(self, name, *flags, **how):
        each = self.make(Projector, name, *flags, **how)
        self.projectors.append(each)
        return each

    def gateway(self, name, *flags, **how):
        where = ",".join(each.listen for each in self.projectors)
        return self.make(Gateway, name, "--projectors", where, *flags, **how)

    def end(self):
        for each in self.made:
            if each.process and each.process.poll() is None:
                each.process.send_signal(signal.SIGCONT)
                each.kill()


def deciders(*processors):
    """How many partitions each decides."""
    return [each.metric("boxoffice_partitions_held") for each in processors]


def occasions_in_each_partition(gateway, partitions=4):
    """One in each: together they keep every processor busy."""
    found = {}
    while len(found) < partitions:
        made = gateway.occasion(1_000_000, claims=LONG)
        found.setdefault(made.created.position.split(":")[0], made)
    return list(found.values())


def asked_again(occasion, key, email, ip):
    """What came of it; as often as it takes, for looking up has no more than its share of the time."""
    def answered():
        again = ask(occasion, key, email, ip)
        return None if again.status == 503 else again

    return await_until(answered, f"the outcome of {key}", PATIENCE_S)


class At:
    """An occasion at one gateway, or at the proxy in front of several."""

    def __init__(self, service, path):
        self.service = service
        self.path = path


def ask(occasion, key, email, ip):
    return occasion.service.anyone.post(f"{occasion.path}/claims", {"email": email},
                                        X_Forwarded_For=ip, Idempotency_Key=key,
                                        timeout=PATIENCE_S)


class Claiming:
    """Clients of several gateways that claim and write down what they are answered."""

    def __init__(self, occasion, gateways, clients=CLIENTS, put_off=(503,)):
        self.occasion = occasion
        self.put_off = put_off
        self.ledger = Ledger()
        self.stopped = threading.Event()
        self.clients = Threads([lambda at=at: self.claim_at(at) for at in gateways for _ in
                                range(clients // len(gateways))])

    def claim_at(self, gateway):
        at = At(gateway, self.occasion.path)
        while not self.stopped.is_set():  # a gateway that was killed comes back
            claim_until_cut_off(at, self.ledger, self.stopped, PATIENCE_S, self.put_off)
            self.stopped.wait(0.2)

    def await_more(self, claims=20):
        before = len(self.ledger.answered)
        await_until(lambda: len(self.ledger.answered) >= before + claims, "claims", PATIENCE_S)

    def end(self):
        self.stopped.set()
        self.clients.results()
        # What was not answered has its one outcome, and its key tells at any gateway.
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as asking:
            list(asking.map(self.ask_again, list(self.ledger.unanswered.items())))
        last = ask(self.occasion, "the-last-of-all-0123", "last@example.org", "192.0.2.99")
        self.ledger.write_asked("the-last-of-all-0123", "last@example.org", "192.0.2.99")
        self.ledger.write_answer("the-last-of-all-0123", last.expect(201))
        self.last_position = last.position

    def ask_again(self, unanswered):
        key, (email, ip) = unanswered
        self.ledger.write_answer(key, asked_again(self.occasion, key, email, ip).expect(201))


class ClaimingEverywhere:
    """In each of several occasions."""

    def __init__(self, occasions, gateways, clients=2, **how):
        self.each = [Claiming(occasion, gateways, clients, **how) for occasion in occasions]

    def await_more(self, claims=5):
        befores = [len(one.ledger.answered) for one in self.each]
        for one, before in zip(self.each, befores):
            await_until(lambda: len(one.ledger.answered) >= before + claims,
                        f"claims in each partition, also {one.occasion.path}", PATIENCE_S)

    def put_off(self):
        return sum(one.ledger.put_off for one in self.each)

    def await_put_off(self):
        """Until a client is asked to come again."""
        before = self.put_off()
        await_until(lambda: self.put_off() > before, "a claim that is put off", PATIENCE_S)

    def stop(self):
        for one in self.each:
            one.stopped.set()

    def end(self):
        self.stop()
        for one in self.each:
            one.end()


def expect_each_once(tool, *claimings, chance=random):
    """Of claimings that have ended: what was answered stands on the log, once, and nothing else
    does; asked again, it is answered by the same bytes."""
    granted = [claiming.ledger.granted() for claiming in claimings]
    claimed = expect_answered_there(tool, *claimings)
    assert claimed.keys() == {claim["id"] for each in granted for claim in each.values()}
    for claiming, each in zip(claimings, granted):
        for key in chance.sample(sorted(each), min(ASKED_AGAIN, len(each))):
            email, ip, status, body = claiming.ledger.answered[key]
            again = asked_again(claiming.occasion, key, email, ip)
            assert (again.status, again.body) == (status, body), f"{again.status} {again.body}"


def expect_answered_there(tool, *claimings):
    """What was answered so far stands on the log, once, whatever goes on. The claims on it."""
    answered = [claim for claiming in claimings for claim in claiming.ledger.granted().values()]
    for claiming in claimings:
        expect_no_ticket_twice(claiming.ledger)
    tool.expect_clean_history()
    claimed = claims_on(tool, {claiming.occasion.id for claiming in claimings})
    for claim in answered:
        assert claimed[claim["id"]]["ticket"] == claim["ticket"]["id"]
    return claimed


def claims_on(tool, occasions):
    """The data of each claim of these; asserts that each command of all was decided once."""
    claimed, decided = {}, set()
    for line in tool.history():
        event = json.loads(line)
        if event["type"] not in ("boxoffice.TicketClaimed", "boxoffice.ClaimRefused"):
            continue
        command, data = event["causationid"], event["data"]
        assert command not in decided, f"command {command} was decided before {event['id']}"
        if data.get("refusal") != "too_late":  # else it may come again
            decided.add(command)
        if event["type"] == "boxoffice.TicketClaimed" and event["subject"] in occasions:
            claimed[data["claim"]] = data
    return claimed
