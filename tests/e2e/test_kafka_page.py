"""What docs/kafka.md has one type, against a real broker; and the cluster that it says to start."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess

import pytest
import yaml

from boxoffice_client import Service, await_until, outside, program
from kafka_service import DEV_CLUSTER, PATIENCE_S, Cluster, a_free_address, is_running
from page import ROOT, blocks, section

PORTS = ["8080", "8081", "8090"]


class ByHand(Service):
    """The processes of "As many processes", as its blocks start them in a shell."""

    def __init__(self, home, cluster):
        super().__init__(home)
        self.addresses = {f"127.0.0.1:{port}": a_free_address() for port in PORTS}
        self.addresses["127.0.0.1:19092"] = cluster.brokers
        self.address = self.addresses["127.0.0.1:8080"]
        (home / "bin").mkdir()
        (home / "bin/boxoffice").symlink_to(program())
        self.environment = {**outside(), "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
                            "BOXOFFICE_KAFKA_PREFIX": "by-hand-"}

    def here(self, block):
        for there, address in self.addresses.items():
            block = block.replace(there, address)
        return block

    def run(self, block):
        return subprocess.run(["sh", "-ec", self.here(block)], cwd=self.home, check=True,
                              env=self.environment, capture_output=True, text=True,
                              timeout=PATIENCE_S).stdout

    @contextlib.contextmanager
    def running(self, block):
        """What it starts ends with it."""
        with self.output() as log:
            shell = subprocess.Popen(
                ["sh", "-ec", f"{self.here(block)}\ntrap : TERM; wait || true; wait"],
                cwd=self.home, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(shell.pid, signal.SIGTERM)
            shell.wait(PATIENCE_S)

    def is_ready(self):
        try:
            return self.anyone.get("/readyz").status == 200
        except (OSError, http.client.HTTPException):
            return False


def test_the_commands_of_many_processes_lead_to_a_first_claim(tmp_path, cluster):
    secrets, processes, first_key = blocks(section("As many processes"), "sh")
    deployment = ByHand(tmp_path, cluster)
    deployment.run(secrets)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    made = (tmp_path / ".env").read_text()
    with pytest.raises(subprocess.CalledProcessError):
        deployment.run(secrets)  # nobody loses a master key so
    assert (tmp_path / ".env").read_text() == made
    with deployment.running(processes):
        await_until(deployment.is_ready, "the gateway", PATIENCE_S)
        made = json.loads(deployment.run(f". ./.env\n{first_key}"))
        organizer = deployment.client(made["key"])
        deployment.occasion(1, client=organizer).claimed()


def test_a_process_without_the_secrets_of_the_log_says_which(deployment):
    """As the page says of who lets the first processor make them."""
    deployment.processor("first").start()
    deployment.projector("whom-gateways-name")
    for kind, make in [("gateway", deployment.gateway), ("processor", deployment.processor)]:
        without = make(kind, environment={})  # nor are the files copied
        without.launch()
        assert without.process.wait(PATIENCE_S) == 2
        assert "setting master-key: is needed" in without.said()


def test_brokers_take_the_settings_that_compose_gives_them(tmp_path, cluster):
    """`format` reads them as a broker does when it starts, and refuses what does not fit."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    node = (cluster.home / "node-1/pid").read_text()
    java = pathlib.Path(f"/proc/{node}/cmdline").read_text().split("\0")
    jars = java[java.index("-cp") + 1]
    for name in ["kafka-1", "kafka-2", "kafka-3"]:
        environment = services[name]["environment"]
        properties = {variable.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
                      for variable, value in environment.items() if variable.startswith("KAFKA_")}
        properties["log.dirs"] = str(tmp_path / name)
        file = tmp_path / f"{name}.properties"
        file.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        told = subprocess.run(["java", "-XX:TieredStopAtLevel=1", "-cp", jars,
                               "kafka.tools.StorageTool", "format", "-t",
                               environment["CLUSTER_ID"], "-c", file],
                              capture_output=True, text=True, timeout=PATIENCE_S)
        assert told.returncode == 0, told.stdout + told.stderr


def test_a_node_that_does_not_end_is_killed(tmp_path):
    cluster = Cluster(tmp_path / "cluster")
    try:
        node = int((tmp_path / "cluster/node-1/pid").read_text())
        os.kill(node, signal.SIGSTOP)
        said = subprocess.run([DEV_CLUSTER, "stop", "--within", "0.2", "--data", tmp_path / "cluster"],
                              check=True, capture_output=True, text=True, timeout=PATIENCE_S).stderr
        assert "is killed" in said
        await_until(lambda: not is_running(node), "the node's end", PATIENCE_S)
    finally:
        cluster.stop()


def test_rules_of_what_to_be_woken_for_are_of_metrics_that_there_are():
    page = (ROOT / "docs/metrics.md").read_text()
    table, rules = page.split("## What to be woken for")
    named = set(re.findall(r"boxoffice_\w+", rules))
    assert named and {name.removesuffix("_bucket") for name in named} <= set(
        re.findall(r"boxoffice_\w+", table))
