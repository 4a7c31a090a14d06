"""Projectors beside a service on a real broker: they answer as it does, whatever happens to them."""

import json
import re
import signal
import subprocess

import pytest

from boxoffice_client import await_until, outside, program
from kafka_service import PATIENCE_S, Cluster, KafkaService
from metrics_page import documented, shown
from projector_client import NotReached, Projector


@pytest.fixture
def prefix(request):
    return re.sub(r"\W", "-", request.node.name) + "-"


@pytest.fixture
def start(tmp_path, prefix):
    """`start(kind, name, cluster)`; what is started ends with the test."""
    made = []

    def launch(kind, name, on):
        made.append(kind(tmp_path / name, on, prefix))
        return made[-1]

    yield launch
    for each in made:
        if each.process and each.process.poll() is None:
            each.stop(signal.SIGKILL)


def expect_same_answers(projector, occasions):
    asking = projector.ask()
    for occasion in occasions:
        shown = occasion.availability()
        assert asking.availability(occasion.id, at_least=shown["position"]) == shown
        trail = occasion.service.admin.items("/v1/audit", occasion=occasion.id)
        assert [json.loads(value) for value in asking.audit(occasion.id)] == trail


def test_a_projector_answers_as_the_service_does(start, cluster):
    service = start(KafkaService, "service", cluster).start()
    occasions = [service.occasion(5) for _ in range(6)]
    first = start(Projector, "first", cluster).start()
    claims = [occasion.claimed() for occasion in occasions]
    occasions[0].confirm(claims[0]).expect(200)
    occasions[1].release(claims[1]).expect(200)
    assert len({occasion.position.split(":")[0] for occasion in occasions}) > 1
    expect_same_answers(first, occasions)

    # One that was killed goes on where it was; one on an empty directory reads it all.
    first.stop(signal.SIGKILL)
    occasions[2].claimed()
    expect_same_answers(first.start(), occasions)
    expect_same_answers(start(Projector, "second", cluster).start(), occasions)
    assert first.stop() == 0


def test_what_was_answered_is_read_back(start, cluster):
    service = start(KafkaService, "service", cluster).start()
    projector = start(Projector, "projector", cluster).start()
    occasion = service.occasion(30)
    asking = projector.ask()
    for taken in range(1, 21):
        occasion.claimed()
        counts = asking.availability(occasion.id, at_least=occasion.position)
        assert counts["claimed"] == taken, "a read may be late, but not before its position"
    partition, sequence = map(int, occasion.position.split(":"))
    with pytest.raises(NotReached):
        asking.availability(occasion.id, at_least=f"{partition}:{sequence + 1}", wait_ms=1)


def test_a_projector_that_is_there_first_waits_for_the_topics(start, cluster):
    projector = start(Projector, "projector", cluster).launch()
    await_until(lambda: "there is no topic" in projector.said(), "its word", PATIENCE_S)
    service = start(KafkaService, "service", cluster).start()
    occasion = service.occasion(3)
    expect_same_answers(projector.await_ready(), [occasion])


def test_it_tells_how_far_it_is(start, cluster):
    service = start(KafkaService, "service", cluster).start()
    occasion = service.occasion(30)
    projector = start(Projector, "projector", cluster).start()
    for _ in range(5):
        occasion.claimed()
    asking = projector.ask()
    asking.availability(occasion.id, at_least=occasion.position)
    told = projector.metrics()
    assert told["boxoffice_partition_sequence"] == sum(asking.health()["applied"])
    assert told["boxoffice_partition_sequence"] == len(service.history())
    assert told["boxoffice_read_lag_events"] == told["boxoffice_read_lag_seconds"] == 0
    assert told["boxoffice_query_connections"] == 1
    assert shown(projector.status("/metrics").body.decode()) == documented("r")
    projector.status("/elsewhere").problem(404)


def test_its_read_models_are_compared_and_rebuilt_while_it_runs(start, cluster):
    service = start(KafkaService, "service", cluster).start()
    service.occasion(3).claimed()
    projector = start(Projector, "projector", cluster).start()
    assert ", the same" in service.tool("replay", "diff", "--data", projector.data)
    swapped = service.tool("replay", "rebuild", "--swap", "--data", projector.data)
    assert "swapped in" in swapped


def test_it_tells_how_old_its_answers_may_be_while_brokers_are_away(start, tmp_path):
    own = Cluster(tmp_path / "cluster")
    try:
        service = start(KafkaService, "service", own).start()
        occasion = service.occasion(3)
        projector = start(Projector, "projector", own).start()
        assert projector.ask().health()["ready"]
        await_until(lambda: projector.status("/readyz").status == 200, "its word", PATIENCE_S)
        own.kill()
        await_until(lambda: not projector.is_ready(), "its unreadiness", PATIENCE_S)
        unready = projector.status("/readyz").expect(503).json()
        assert "no broker answers" in unready["reasons"][0]
        projector.status("/healthz").expect(200)
        # Of each of the four partitions.
        assert projector.metrics()["boxoffice_read_lag_seconds"] > 4 * 2
        asking = projector.ask()
        assert asking.health()["lag_ms"] > 2000
        assert asking.availability(occasion.id)["capacity"] == 3, "what it has it still shows"
        own.start_again()
        await_until(projector.is_ready, "its readiness", PATIENCE_S)
        await_until(lambda: projector.status("/readyz").status == 200, "its word", PATIENCE_S)
        await_until(lambda: projector.ask().health()["lag_ms"] <= 2000, "fresh answers", PATIENCE_S)
    finally:
        own.stop()


def test_an_embedded_log_is_not_projected(start, tmp_path):
    (tmp_path / "log").mkdir()
    done = subprocess.run([program(), "projector", "--data", tmp_path, "--brokers", "127.0.0.1:1"],
                          env=outside(), capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert b"setting data" in done.stderr
