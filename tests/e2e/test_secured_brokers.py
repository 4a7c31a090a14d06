"""Brokers that want TLS and a password: what stands in `kafka-properties` is for every client that a
process has."""

import re
import subprocess

import pytest

from boxoffice_client import await_until
from deployment import Deployment
from kafka_service import PATIENCE_S, secured_cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, authority):
    with secured_cluster(tmp_path_factory.mktemp("secured"), authority) as made:
        yield made


def properties(folder, authority, password="only-for-tests"):
    file = folder / "brokers.properties"
    file.write_text("security.protocol = SASL_SSL\n"
                    f"ssl.ca.location = {authority.ca}\n"
                    "sasl.mechanism = PLAIN\n"
                    "sasl.username = boxoffice\n"
                    f"sasl.password = {password}\n")
    return ["--kafka-properties", file]


def expect_kcat_to_read(topic, cluster, file):
    """By the same lines, as the page of examples says."""
    without_blanks = file.with_name("kcat.properties")
    without_blanks.write_text(file.read_text().replace(" = ", "="))
    read = subprocess.run(["kcat", "-F", without_blanks, "-b", cluster.brokers, "-C", "-t", topic,
                           "-o", "beginning", "-e", "-q"], check=True, capture_output=True,
                          text=True, timeout=PATIENCE_S).stdout
    assert "boxoffice.TicketClaimed" in read


def test_every_role_and_tool_gets_through(deployment, tmp_path, authority):
    secrets = properties(tmp_path, authority)
    first = deployment.processor("decides", *secrets).start()
    deployment.projector("projects", *secrets).start()
    gateway = deployment.gateway("answers", *secrets).start()
    gateway.occasion(10).claimed()
    assert first.stop() == 0
    assert "violations 0" in gateway.replay("verify", *secrets)
    assert "only-for-tests" not in first.said() + gateway.said()
    expect_kcat_to_read(f"{deployment.prefix}boxoffice.claims", deployment.cluster, secrets[1])


def test_a_wrong_password_is_named_as_the_reason(deployment, tmp_path, authority):
    refused = deployment.processor("decides", *properties(tmp_path, authority, "wrong"))
    refused.launch()
    assert refused.process.wait(PATIENCE_S) == 1
    assert re.search(r"SASL|[Aa]uthentication", refused.said())
