"""Gateways and processors as processes of their own, on a real broker: whichever is killed, stopped
or cut off, no answered command is lost and none is decided twice."""

import json
import random
import re
import signal
import threading

import pytest

from boxoffice_client import Threads, await_until
from kafka_service import PATIENCE_S, Gateway, KafkaService, Processor, Projector
from ledger import Ledger, claim_until_cut_off, expect_no_ticket_twice

CLIENTS = 8
SEED = random.randrange(2**32)
LONG = {"ttl_ms": 86_400_000}


class Deployment:
    """The processes of one prefix."""

    def __init__(self, folder, cluster, prefix):
        self.folder = folder
        self.cluster = cluster
        self.prefix = prefix
        self.made = []
        self.projectors = []

    def make(self, kind, name, *flags):
        each = kind(self.folder / name, self.cluster, self.prefix, *flags)
        if self.made and self.made[0].data.exists():
            each.with_secrets_of(self.made[0])
        self.made.append(each)
        return each

    def processor(self, name, *flags):
        # Brokers take no less.
        return self.make(Processor, name, "--session-timeout-ms", "6000", *flags)

    def projector(self, name):
        each = self.make(Projector, name)
        self.projectors.append(each)
        return each

    def gateway(self, name, *flags):
        where = ",".join(each.address for each in self.projectors)
        return self.make(Gateway, name, "--projectors", where, *flags)

    def end(self):
        for each in self.made:
            if each.process and each.process.poll() is None:
                each.process.send_signal(signal.SIGCONT)
                each.kill()


@pytest.fixture
def deployment(tmp_path, cluster, request):
    made = Deployment(tmp_path, cluster, re.sub(r"\W", "-", request.node.name) + "-")
    yield made
    made.end()


class Claiming:
    """Clients of several gateways that claim and write down what they are answered."""

    def __init__(self, occasion, gateways):
        self.occasion = occasion
        self.ledger = Ledger()
        self.stopped = threading.Event()
        self.clients = Threads([lambda at=at: self.claim_at(at) for at in gateways for _ in
                                range(CLIENTS // len(gateways))])

    def claim_at(self, gateway):
        at = At(gateway, self.occasion.path)
        while not self.stopped.is_set():  # a gateway that was killed comes back
            claim_until_cut_off(at, self.ledger, self.stopped, PATIENCE_S)
            self.stopped.wait(0.2)

    def await_more(self, claims=20):
        before = len(self.ledger.granted())
        await_until(lambda: len(self.ledger.granted()) >= before + claims, "claims", PATIENCE_S)

    def end(self):
        self.stopped.set()
        self.clients.results()
        # What was not answered has its one outcome, and its key tells at any gateway.
        for key, (email, ip) in list(self.ledger.unanswered.items()):
            self.ledger.write_answer(key, ask(self.occasion, key, email, ip).expect(201))
        last = ask(self.occasion, "the-last-of-all-0123", "last@example.org", "192.0.2.99")
        self.ledger.write_asked("the-last-of-all-0123", "last@example.org", "192.0.2.99")
        self.ledger.write_answer("the-last-of-all-0123", last.expect(201))
        self.last_position = last.position


class At:
    """An occasion at one gateway."""

    def __init__(self, service, path):
        self.service = service
        self.path = path


def ask(occasion, key, email, ip):
    return occasion.service.anyone.post(f"{occasion.path}/claims", {"email": email},
                                        X_Forwarded_For=ip, Idempotency_Key=key,
                                        timeout=PATIENCE_S)


def expect_each_once(claiming, tool):
    """What was answered stands on the log, once, and nothing else does."""
    ledger = claiming.ledger
    expect_no_ticket_twice(ledger)
    claimed = {}
    outcomes = []
    for line in tool.history():
        event = json.loads(line)
        if event["type"] != "boxoffice.TicketClaimed":
            continue
        outcomes.append(event["causationid"])
        claimed[event["data"]["claim"]] = event["data"]
    assert len(outcomes) == len(set(outcomes)), "a command was decided twice"
    granted = {claim["id"]: claim["ticket"] for claim in ledger.granted().values()}
    assert claimed.keys() == granted.keys()
    assert all(claimed[id]["ticket"] == ticket["id"] for id, ticket in granted.items())
    chance = random.Random(SEED)
    for key in chance.sample(sorted(ledger.granted()), min(50, len(granted))):
        email, ip, status, body = ledger.answered[key]
        again = ask(claiming.occasion, key, email, ip)
        assert (again.status, again.body) == (status, body)
    tool.expect_clean_history()


def deciders(*processors):
    """How many partitions each decides."""
    return [each.metric("boxoffice_partitions_held") for each in processors]


def test_any_process_is_killed_and_nothing_is_lost(deployment):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    processors = [deployment.processor(name).start() for name in ["one", "two"]]
    projectors = [deployment.projector(name).start() for name in ["this", "that"]]
    gateways = [deployment.gateway(name).start() for name in ["left", "right"]]
    await_until(lambda: sorted(deciders(*processors)) == [2, 2], "two each", PATIENCE_S)
    occasion = gateways[0].occasion(1_000_000, claims=LONG)
    claiming = Claiming(occasion, gateways)
    claiming.await_more()
    for victim in chance.sample([*processors, *projectors, *gateways], 6):
        victim.kill()
        survivors = [each for each in processors if each is not victim]
        await_until(lambda: sum(deciders(*survivors)) == 4, "all are decided", PATIENCE_S)
        victim.start()
        claiming.await_more()
    claiming.end()
    expect_each_once(claiming, processors[0])
    counted = gateways[1].anyone.get(f"{occasion.path}/availability",
                                     Boxoffice_At_Least=claiming.last_position).expect(200).json()
    assert counted["claimed"] == len(claiming.ledger.granted())
    assert [each.stop() for each in [*gateways, *projectors, *processors]] == [0] * 6


def test_who_was_stopped_past_its_session_leaves_no_trace(deployment):
    """Two believe that they own the partitions: the old one must be fenced, and not fence back."""
    first = deployment.processor("one").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    occasion = gateway.occasion(1_000_000, claims=LONG)
    claiming = Claiming(occasion, [gateway])
    claiming.await_more()
    first.process.send_signal(signal.SIGSTOP)
    second = deployment.processor("two").start()
    await_until(lambda: deciders(second) == [4], "it decides all", PATIENCE_S)
    claiming.await_more()
    first.process.send_signal(signal.SIGCONT)
    await_until(lambda: sorted(deciders(first, second)) == [2, 2], "two each", PATIENCE_S)
    claiming.await_more()
    claiming.end()
    assert second.metric("boxoffice_appends_failed_total") == 0, second.said()
    expect_each_once(claiming, second)
    assert first.stop() == second.stop() == gateway.stop() == 0


def test_who_is_asked_to_end_hands_over_at_once(deployment):
    """Nobody waits for a session to time out: each command is answered, within its deadline."""
    processors = [deployment.processor(name).start() for name in ["one", "two"]]
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    await_until(lambda: sorted(deciders(*processors)) == [2, 2], "two each", PATIENCE_S)
    claiming = Claiming(gateway.occasion(1_000_000, claims=LONG), [gateway])
    for each, other in [processors, processors[::-1]]:
        claiming.await_more()
        assert each.stop() == 0
        await_until(lambda: deciders(other) == [4], "it decides all", PATIENCE_S)
        each.start()
        await_until(lambda: sorted(deciders(*processors)) == [2, 2], "two each", PATIENCE_S)
    claiming.await_more()
    claiming.end()
    expect_each_once(claiming, processors[0])


def test_an_outage_of_the_broker_heals(deployment, cluster):
    processor = deployment.processor("one").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    occasion = gateway.occasion(1_000_000, claims=LONG)
    claiming = Claiming(occasion, [gateway])
    claiming.await_more()
    cluster.kill()
    try:
        refused = ask(occasion, "asked-in-an-outage-0123", "somebody@example.org", "192.0.2.77")
        assert refused.problem(503)["command"] == "asked-in-an-outage-0123"
        for each in [processor, gateway]:
            await_until(lambda: each.anyone.get("/readyz").status == 503, "unready", PATIENCE_S)
            assert "kafka" in each.anyone.get("/readyz").body.decode()
    finally:
        cluster.start_again()
    for each in [processor, gateway]:
        await_until(lambda: each.anyone.get("/readyz").status == 200, "ready", PATIENCE_S)
    claiming.await_more()
    claiming.ledger.write_asked("asked-in-an-outage-0123", "somebody@example.org", "192.0.2.77")
    claiming.end()
    expect_each_once(claiming, processor)


def test_a_service_takes_over_from_processors_for_good(deployment):
    processor = deployment.processor("one").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    made = gateway.occasion(3)
    service = deployment.make(KafkaService, "service").start()
    assert processor.process.wait(PATIENCE_S) == 3
    assert processor.logged("warning", "taken over by process", str(service.process.pid))
    await_until(lambda: gateway.anyone.get("/readyz").status == 503, "unready", PATIENCE_S)
    made.service = service
    made.claimed()
    assert service.stop() == 0
    service.expect_clean_history()


def test_settings_of_roles_are_refused_by_name(deployment):
    def refused(each, *flags):
        each.launch(*flags)
        assert each.process.wait(PATIENCE_S) == 2, each.said()
        return each.said()

    assert "--log" in refused(deployment.processor("one"), "--log", "kafka")
    assert "setting projectors" in refused(deployment.make(Gateway, "gateway"))
    assert "setting projectors" in refused(deployment.make(Gateway, "other", "--projectors", "here"))
