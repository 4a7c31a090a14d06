"""The topology of docker-compose.yml as processes of this machine: its names, roles and proxy."""

import contextlib
import http.client
import pathlib
import secrets

import yaml

from boxoffice_client import await_until
from deployment import (ClaimingEverywhere, Deployment, deciders, expect_each_once,
                        occasions_in_each_partition)
from faulty_network import FaultyNetwork
from kafka_service import PATIENCE_S, Cluster, a_free_address
from proxy import Proxy

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNDECIDED = (502, 503, 504)  # two of them the proxy says, of gateways that are gone or slow


class Topology:
    """All of it. Each process has a way of its own through `network` to the brokers."""

    def __init__(self, folder):
        services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        roles = {name: each["command"][0] for name, each in services.items()
                 if each["image"] == "boxoffice"}

        root_secrets = {name: secrets.token_hex(32)
                        for name in ["BOXOFFICE_MASTER_KEY", "BOXOFFICE_PEPPER"]}

        def made(make, name):
            return make(name, listen=a_free_address(), environment=root_secrets)

        def all_of(make, role):
            return [made(make, name) for name, of in sorted(roles.items()) if of == role]

        self.network = FaultyNetwork()
        brokers = [name for name in services if name.startswith("kafka-")]
        self.ways = {name: self.network.way(len(brokers)) for name in roles}
        self.cluster = Cluster(folder / "cluster", len(brokers), self.ways)
        self.deployment = Deployment(folder, self.cluster, "")
        self.processors = all_of(self.deployment.processor, "processor")
        self.projectors = all_of(self.deployment.projector, "projector")
        self.gateways = all_of(self.deployment.gateway, "gateway")
        self.all = [*self.processors, *self.projectors, *self.gateways]
        self.third = made(self.deployment.processor, "processor-3")  # comes and goes
        at = {each.home.name: each.listen for each in self.gateways}
        # Clients here are of many addresses.
        self.proxy = Proxy(folder / "proxy", at, a_free_address(), believes_clients=True)
        self.restarted = []  # who ended by itself

    def start(self):
        for each in self.all:
            each.launch()
        self.proxy.launch()
        self.await_well()
        return self

    def await_well(self, *deciding, patience_s=PATIENCE_S):
        """Until these processors, or the two, share all partitions, and everybody is ready."""
        await_until(lambda: self.is_well(*deciding), "all is well", patience_s)

    def is_well(self, *deciding):
        self.tend()
        deciding = deciding or self.processors
        shares = [4 // len(deciding) + (index < 4 % len(deciding))
                  for index in range(len(deciding))]
        try:
            return all(each.anyone.get("/readyz").status == 200
                       for each in [*deciding, *self.gateways]
                       ) and self.proxy.answers("/healthz") == 200 and sorted(deciders(*deciding), reverse=True) == shares
        except (OSError, http.client.HTTPException):
            return False  # one of them does not listen yet

    def tend(self):
        """As docker compose does, starts again whoever ended by itself."""
        for each in self.all:
            code = each.process.poll()
            if code is None:
                continue
            assert code >= 0, f"{each.home.name} ended with {code}: {each.said()}"
            self.restarted.append(f"{each.home.name} ended with {code}")
            each.launch()

    def end(self):
        self.network.heal()
        if self.proxy.process:
            self.proxy.kill()
        self.deployment.end()
        self.cluster.stop()
        self.network.end()


@contextlib.contextmanager
def claiming(topology, chance):
    """Clients at the proxy, in each partition. Whatever happens meanwhile: afterwards all goes on,
    and what was answered is there, once, on the log and in the read models."""
    clients = ClaimingEverywhere(occasions_in_each_partition(topology.proxy), [topology.proxy],
                                 put_off=UNDECIDED)
    try:
        clients.await_more()
        yield clients
        topology.await_well()
        clients.await_more()
    finally:
        clients.stop()
    clients.end()
    expect_each_once(topology.gateways[0], *clients.each, chance=chance)
    for one in clients.each:
        counted = one.occasion.availability(at_least=one.last_position)
        assert counted["claimed"] == len(one.ledger.granted())
