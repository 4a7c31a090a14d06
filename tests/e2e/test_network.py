"""Between processes and brokers the network fails in every way it can: nothing that was answered is
lost, nothing is decided twice, and all goes on by itself once it is well again."""

import random
import re

import pytest

from boxoffice_client import await_until
from chance import SEED
from deployment import (ClaimingEverywhere, Deployment, deciders, expect_answered_there,
                        expect_each_once, occasions_in_each_partition)
from faulty_network import Fault, FaultyNetwork
from kafka_service import PATIENCE_S, Cluster
from metrics_page import documented, shown

PROCESSES = ["one", "two", "gateway", "projector"]


class Scene:
    """Two processors, a gateway and a projector, each with a way of its own to the broker, and
    clients that claim all the while in each partition."""

    def __init__(self, folder):
        self.network = FaultyNetwork()
        self.ways = {name: self.network.way() for name in PROCESSES}
        self.cluster = Cluster(folder / "cluster", ways=self.ways)
        self.deployment = Deployment(folder, self.cluster, "network-")
        silence = folder / "kafka.properties"
        silence.write_text("socket.timeout.ms=4000\n")  # 10 s by default
        noticing = ["--kafka-properties", silence]
        self.processors = [self.deployment.processor(name, *noticing).start()
                           for name in ["one", "two"]]
        self.deployment.projector("projector", *noticing).start()
        self.gateway = self.deployment.gateway(
            "gateway", "--command-deadline-ms", "3000", *noticing).start()
        self.await_two_each()
        self.claiming = ClaimingEverywhere(occasions_in_each_partition(self.gateway),
                                           [self.gateway])

    def await_two_each(self):
        await_until(lambda: deciders(*self.processors) == [2, 2], "two each", PATIENCE_S)

    def between(self, whom):
        names = {"processor": ["one"], "gateway": ["gateway"], "all": PROCESSES}[whom]
        return [self.ways[name] for name in names]

    def suffer(self, whom, fault):
        for way in self.between(whom):
            way.suffer(fault)

    def expect_healing(self):
        """Every partition is decided, by both; all are ready; what was claimed is shown."""
        self.network.heal()
        self.await_two_each()
        for each in [*self.processors, self.gateway]:
            await_until(lambda: each.anyone.get("/readyz").status == 200, "ready", PATIENCE_S)
        self.claiming.await_more()
        expect_answered_there(self.gateway, *self.claiming.each)

    def end(self):
        self.network.heal()
        self.claiming.stop()
        self.deployment.end()
        self.cluster.stop()
        self.network.end()


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    print(f"seed {SEED}")
    made = Scene(tmp_path_factory.mktemp("network"))
    yield made
    made.end()


WHOM = pytest.mark.parametrize("whom", ["processor", "gateway", "all"])


@WHOM
@pytest.mark.parametrize("fault", [Fault.CUT, Fault.HANG_UP])
def test_connections_end(scene, whom, fault):
    for _ in range(3):
        scene.suffer(whom, fault)
        scene.network.heal()
        scene.claiming.await_more(2)
    scene.expect_healing()


def test_connections_are_dead_and_nobody_is_told(scene):
    """Each client finds it out by itself, from the silence."""
    scene.suffer("all", Fault.HALF_OPEN)
    scene.expect_healing()


@WHOM
@pytest.mark.parametrize("fault", [Fault.DELAY, Fault.DRIP])
def test_the_line_is_bad(scene, whom, fault):
    """It is slow then, and works."""
    scene.suffer(whom, fault)
    scene.claiming.await_more(2)
    scene.expect_healing()


@WHOM
def test_nobody_is_reached(scene, whom):
    """A processor's partitions go to the other one. A gateway puts off who asks."""
    scene.suffer(whom, Fault.BLACK_HOLE)
    if whom == "processor":
        await_until(lambda: deciders(scene.processors[1]) == [4], "it decides all", PATIENCE_S)
        scene.claiming.await_more(2)
    else:
        scene.claiming.await_put_off()
        await_until(lambda: scene.gateway.anyone.get("/readyz").status == 503, "unready",
                    PATIENCE_S)
    scene.expect_healing()


def test_a_gateway_tells_of_replies_that_do_not_come(scene):
    """All do now."""
    def behind():
        page = scene.gateway.anyone.get("/metrics").body.decode()
        assert shown(page) == documented("g")
        return re.findall(r'^boxoffice_replies_behind_seconds\{partition="(\d+)"\} (\S+)$', page, re.M)
    await_until(lambda: behind() == [(str(partition), "0") for partition in range(4)], "none behind",
                PATIENCE_S)


def test_in_the_end_everything_is_there_once(scene):
    scene.claiming.end()
    expect_each_once(scene.gateway, *scene.claiming.each, chance=random.Random(SEED))
    assert [each.stop() for each in scene.deployment.made] == [0] * len(PROCESSES)
