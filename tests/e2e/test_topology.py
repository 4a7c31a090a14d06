"""The topology of docker-compose.yml as plain processes, three brokers and a proxy in front:
whichever of them is killed, what was answered is there, once."""

import http.client
import random
import re
import signal
import subprocess
import threading

import pytest

from boxoffice_client import Threads, await_until, outside, program
from chance import SEED
from deployment import LONG, At, ask, claims_on, occasions_in_each_partition
from kafka_service import PATIENCE_S
from topology import Topology, claiming

CHANCE = random.Random(SEED)


@pytest.fixture(scope="module")
def topology(tmp_path_factory):
    print(f"seed {SEED}")
    made = Topology(tmp_path_factory.mktemp("topology"))
    try:
        yield made.start()
    finally:
        made.end()


class DemoLoad:
    """`boxoffice demo load` at the proxy, again and again."""

    BURST = 500

    def __init__(self, topology):
        self.url = f"http://{topology.proxy.address}"
        # Not `demo seed`: it would take an occasion of the other clients for the demo's.
        self.occasion = topology.proxy.occasion(1_000_000, claims=LONG).id
        self.granted, self.posted = 0, 0
        self.stopped = threading.Event()
        self.running = Threads([self.run])

    def run(self):
        while not self.stopped.is_set():
            said = subprocess.run(
                [program(), "demo", "load", "--url", self.url, "--occasion", self.occasion,
                 "--claims", str(self.BURST), "--connections", "4"],
                check=False, env=outside(), capture_output=True, text=True).stdout
            self.posted += self.BURST
            self.granted += int((re.search(r"201 claimed +(\d+)", said) or [0, 0])[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.running.results()


def test_one_of_each_kind_is_killed_under_the_demo_load(topology):
    with claiming(topology, CHANCE) as clients, DemoLoad(topology) as load:
        for kind in [topology.gateways, topology.processors, topology.projectors]:
            kind[0].kill()
            clients.await_more()
            kind[0].launch()
            topology.await_well()
    claimed = claims_on(topology.gateways[0], {load.occasion})
    assert 0 < load.granted <= len(claimed) <= load.posted


def test_leaders_and_coordinators_fail_over(topology):
    """With one broker of three gone, claims go on in each partition."""
    with claiming(topology, CHANCE) as clients:
        partition = int(clients.each[0].occasion.created.position.split(":")[0])
        for lookup in [lambda cluster: cluster.leader("boxoffice.claims", partition),
                       lambda cluster: cluster.coordinator(f"boxoffice-{partition}-a")]:
            topology.cluster.await_in_sync()
            topology.cluster.kill(lookup(topology.cluster))
            clients.await_more()
            topology.cluster.start_again()


def test_below_the_replicas_that_must_have_it_nothing_is_granted(topology):
    with claiming(topology, CHANCE) as clients:
        occasion, ledger = clients.each[0].occasion, clients.each[0].ledger
        topology.cluster.await_in_sync()
        topology.cluster.kill(1, 3)
        clients.await_put_off()
        asked = ["asked-of-one-broker-0123", "one@example.org", "192.0.2.1"]
        refused = ask(At(topology.gateways[0], occasion.path), *asked)
        assert refused.problem(503)["command"] == asked[0]
        topology.cluster.start_again()
        ledger.write_asked(*asked)  # in the end its key tells


def test_partitions_move_while_they_are_decided(topology):
    with claiming(topology, CHANCE) as clients:
        for leave in [topology.third.stop, topology.third.kill]:
            topology.third.launch()
            topology.await_well(*topology.processors, topology.third)
            clients.await_more()
            leave()
            topology.await_well()
            clients.await_more()


def test_a_reply_that_nobody_hears_is_told_at_another_gateway(topology):
    """The gateway dies when it has sent the command, before it is decided."""
    [occasion, *_] = occasions_in_each_partition(topology.proxy)
    partition = int(occasion.created.position.split(":")[0])
    asked = ["told-elsewhere-0123", "told@example.org", "192.0.2.8"]
    first, second = [At(each, occasion.path) for each in topology.gateways]
    sent = topology.cluster.end_of("boxoffice.commands", partition)
    for each in topology.processors:
        each.process.send_signal(signal.SIGSTOP)
    waiting = Threads([lambda: ask(first, *asked)])
    await_until(lambda: topology.cluster.end_of("boxoffice.commands", partition) > sent,
                "the command in the topic", PATIENCE_S)
    first.service.kill()
    for each in topology.processors:
        each.process.send_signal(signal.SIGCONT)
    with pytest.raises((OSError, http.client.HTTPException)):
        waiting.results()
    told = ask(second, *asked).expect(201)
    first.service.launch()
    topology.await_well()
    assert ask(first, *asked).expect(201).body == told.body
    assert list(claims_on(second.service, {occasion.id})) == [told.json()["id"]]
    second.service.expect_clean_history()


def test_all_end_well(topology):
    topology.await_well()
    topology.gateways[0].expect_clean_history()
    assert [each.stop() for each in topology.all] == [0] * len(topology.all)
