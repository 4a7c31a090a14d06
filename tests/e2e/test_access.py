"""Brokers that let each role do what docs/kafka.md says it needs, and nothing else."""

import json
import os
import re
import subprocess

import pytest

from boxoffice_client import await_until
from kafka_service import PATIENCE_S, KafkaService, secured_cluster
from page import ROOT, section

PYTHON = os.environ.get("BOXOFFICE_OUTSIDE_PYTHON", ROOT / "build/outside/python/bin/python")
ROLES = ["processor", "gateway", "projector", "serve", "replay"]

GRANT = """
import json, sys
from confluent_kafka.admin import (AclBinding, AclOperation, AclPermissionType, AdminClient,
                                   ResourcePatternType, ResourceType)
rules = [AclBinding(ResourceType[resource], name, ResourcePatternType[pattern], f"User:{user}", "*",
                    AclOperation[operation], AclPermissionType.ALLOW)
         for user, resource, pattern, name, operation in json.loads(sys.argv[2])]
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
for made in admin.create_acls(rules).values():
    made.result()
"""


def told_rules(prefix):
    """What the page's table says, for names with this prefix: user, resource, pattern, name,
    operation."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in re.findall(r"^\| `.*\|$", section("Access control on the brokers"), re.M)]
    assert rows
    rules = []
    for who, resource, names, operations in rows:
        kind = re.sub(r"s?( that begin with)?$", "", resource).replace("-", "_").upper()
        pattern = "PREFIXED" if resource.endswith("that begin with") else "LITERAL"
        for user in re.findall(r"`(\w+)", who):
            for name in re.findall(r"`(\S+)`", names):
                for operation in re.findall(r"`(\w+)`", operations):
                    of_librdkafka = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).upper()
                    rules.append([user, kind, pattern, prefix + name, of_librdkafka])
    return rules


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, authority):
    with secured_cluster(tmp_path_factory.mktemp("guarded"), authority, users=ROLES) as made:
        yield made


@pytest.fixture
def let_in(cluster, deployment):
    """Brokers let each user do what the page says."""
    rules = told_rules(deployment.prefix)
    assert {user for user, *_ in rules} == set(ROLES)
    subprocess.run([PYTHON, "-c", GRANT, cluster.plain, json.dumps(rules)], check=True,
                   timeout=PATIENCE_S)


@pytest.fixture
def as_user(tmp_path, authority):
    def flags(user):
        file = tmp_path / f"{user}.properties"
        file.write_text("security.protocol = SASL_SSL\n"
                        f"ssl.ca.location = {authority.ca}\n"
                        "sasl.mechanism = PLAIN\n"
                        f"sasl.username = {user}\n"
                        "sasl.password = only-for-tests\n")
        return ["--kafka-properties", file]

    return flags


def expect_nothing_refused(*processes):
    for each in processes:
        refused = [line for line in each.log.read_text(errors="replace").splitlines()
                   if re.search("AUTHORIZATION_FAILED|not authorized|authorization failed", line, re.I)]
        assert not refused, f"{each.home.name}: {refused[:3]}"


def test_each_role_needs_no_more_than_the_page_says(deployment, let_in, as_user):
    deciding = deployment.processor("decides", "--snapshot-every-ms", "100", *as_user("processor")).start()
    projecting = deployment.projector("projects", *as_user("projector")).start()
    gateway = deployment.gateway("answers", *as_user("gateway")).start()
    occasion = gateway.occasion(100_000)
    claim = occasion.claimed()
    assert occasion.shown(claim).expect(200).json()["id"] == claim["id"]
    gateway.admin.get(f"/v1/audit?occasion={occasion.id}").expect(200)
    # Snapshots before the last two are deleted: the one right that is used late.
    await_until(lambda: occasion.claimed() and deciding.metric("boxoffice_snapshots_total") > 4,
                "snapshots", PATIENCE_S)
    assert "violations 0" in gateway.replay("verify", *as_user("replay"))
    expect_nothing_refused(deciding, projecting, gateway)
    again = deployment.processor("takes-over", *as_user("processor")).launch()
    assert deciding.stop() == 0
    again.await_ready()
    occasion.claimed()
    expect_nothing_refused(deciding, projecting, gateway, again)


def test_a_copy_needs_what_serve_does(start, deployment, let_in, as_user):
    source = start("--partitions", "4")
    claim = source.occasion(2).claimed()
    assert source.stop() == 0
    prefix = deployment.prefix
    copied = source.tool("log", "copy", "--from", f"embedded:{source.data}",
                         "--to", f"kafka:{deployment.cluster.brokers},{prefix}", *as_user("serve"))
    assert re.search(r"whole +yes", copied)
    serving = deployment.make(KafkaService, "serves", *as_user("serve"))
    serving.with_secrets_of(source).start()
    assert claim["id"] in serving.replay("show", "--format", "jsonl", *as_user("replay"))
    serving.occasion(1).claimed()
    assert serving.stop() == 0
    expect_nothing_refused(serving)
