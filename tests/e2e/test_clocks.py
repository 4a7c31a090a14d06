"""Whose clock is off from the brokers', on a real broker: who decides, decides nothing then; who
serves HTTP says so."""

import json
import os
import struct

import pytest
from boxoffice_client import await_until, instant, program
from deployment import ClaimingEverywhere, deciders, expect_each_once, occasions_in_each_partition
from kafka_service import PATIENCE_S, KafkaService, a_free_address

HOUR_S = 3600
BY_HAND = str(program().parent / "tests/e2e/libboxoffice_clock_off.so")


class Clock:
    """Of the processes that are given it, ahead of this machine's by so much; may be set while they
    run (see clock_off.cpp)."""

    def __init__(self, folder, ahead_s):
        self.file = folder / "clock"
        self.file.write_bytes(bytes(8))
        self.set(ahead_s)
        self.environment = {"LD_PRELOAD": os.environ.get("BOXOFFICE_CLOCK_OFF", BY_HAND),
                            "CLOCK_OFF_FILE": str(self.file)}

    def set(self, ahead_s):
        with open(self.file, "r+b", buffering=0) as file:
            file.write(struct.pack("=q", ahead_s * 1000))


def with_clock(clock, process):
    process.environment.update(clock.environment)
    return process


def reasons(process):
    """Why it is not ready; empty where it is, or where it does not listen yet."""
    try:
        answer = process.anyone.get("/readyz")
    except OSError:
        assert process.process.poll() is None, process.said()
        return ""
    return answer.body.decode() if answer.status == 503 else ""


def await_reason(process, word):
    return await_until(lambda: word in reasons(process) and reasons(process), word, PATIENCE_S)


@pytest.mark.parametrize("off_s, words", [(10, "10 s ahead of the brokers'"),
                                          (-10, "10 s behind the brokers'")])
def test_a_processor_that_starts_with_a_wrong_clock_decides_nothing(deployment, tmp_path, off_s,
                                                                    words):
    clock = Clock(tmp_path, off_s)
    wrong = with_clock(clock, deployment.processor("wrong", listen=a_free_address())).launch()
    why = await_reason(wrong, words)
    assert "it says 20" in why and ", and they 20" in why
    assert abs(wrong.metric("boxoffice_clock_ahead_of_brokers_seconds") - off_s) < 1
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    asked = {"body": {"name": "Gala", "starts_at": "2030-01-16T19:00:00.000Z",
                      "pools": [{"name": "main", "capacity": 3}]},
             "Idempotency_Key": "asked-of-a-wrong-clock-0123"}
    refused = gateway.admin.post("/v1/occasions", **asked)
    assert refused.problem(503)["command"] == "asked-of-a-wrong-clock-0123"
    assert wrong.history() == []
    assert len(wrong.warned("not ready", words)) == 1, "it is told once"

    right = deployment.processor("right").start()
    await_until(lambda: deciders(wrong, right) == [0, 4], "the other decides all", PATIENCE_S)
    made = gateway.admin.post("/v1/occasions", **asked).expect(201)
    again = gateway.admin.post("/v1/occasions", **asked).expect(201)
    assert again.body == made.body
    assert wrong.metric("boxoffice_take_overs_total") == 0, "it has fenced nobody"
    assert wrong.metric("boxoffice_events_total") == 0
    assert right.metric("boxoffice_appends_failed_total") == 0

    clock.set(0)
    await_until(lambda: sorted(deciders(wrong, right)) == [2, 2], "two each", PATIENCE_S)
    claiming = ClaimingEverywhere(occasions_in_each_partition(gateway), [gateway])
    claiming.await_more()
    claiming.end()
    assert wrong.metric("boxoffice_events_total") > 0
    expect_each_once(right, *claiming.each)
    assert [each.stop() for each in [gateway, wrong, right]] == [0, 0, 0]


def test_a_clock_that_is_set_wrong_takes_its_processor_out(deployment, tmp_path):
    clock = Clock(tmp_path, 0)
    one = with_clock(clock, deployment.processor("one")).start()
    other = deployment.processor("other").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    await_until(lambda: deciders(one, other) == [2, 2], "two each", PATIENCE_S)
    claiming = ClaimingEverywhere(occasions_in_each_partition(gateway), [gateway])
    claiming.await_more()

    clock.set(HOUR_S)
    await_until(lambda: deciders(one, other) == [0, 4], "the other decides all", PATIENCE_S)
    await_reason(one, "3600 s ahead of the brokers'")
    written = one.metric("boxoffice_events_total")
    claiming.await_more()
    assert one.metric("boxoffice_events_total") == written
    assert reasons(gateway) == "", "its own clock is right"

    clock.set(0)
    await_until(lambda: deciders(one, other) == [2, 2], "two each again", PATIENCE_S)
    claiming.await_more()
    claiming.end()
    assert one.metric("boxoffice_events_total") > written
    expect_each_once(other, *claiming.each)
    decided = [json.loads(line) for line in one.history()]
    late_s = [(instant(each["time"]) - instant(each["received"])).total_seconds()
              for each in decided if "received" in each]
    assert max(late_s) < HOUR_S / 2, "an event has the time of the wrong clock"


def test_a_gateway_with_a_wrong_clock_is_not_ready(deployment, tmp_path):
    deployment.processor("processor").start()
    deployment.projector("projector").start()
    clock = Clock(tmp_path, -10)
    gateway = with_clock(clock, deployment.gateway("gateway", listen=a_free_address())).launch()
    await_reason(gateway, "10 s behind the brokers'")
    clock.set(0)
    await_until(lambda: gateway.anyone.get("/readyz").status == 200, "ready", PATIENCE_S)
    clock.set(10)
    await_reason(gateway, "10 s ahead of the brokers'")


def test_who_asks_for_the_time_leaves_nothing_among_the_commands(deployment):
    """Retention would delete it, and whoever takes over would tell of commands that were deleted."""
    deployment.processor("processor").start()
    deployment.projector("projector").start()
    deployment.gateway("gateway").start()

    def ends(topic):
        return sum(deployment.cluster.end_of(f"{deployment.prefix}boxoffice.{topic}", partition)
                   for partition in range(4))

    commands, replies = ends("commands"), ends("replies")
    await_until(lambda: ends("replies") > replies + 40, "two have asked for 20 s", PATIENCE_S)
    assert ends("commands") == commands


def test_a_processor_with_a_wrong_clock_takes_no_log_over(deployment, tmp_path):
    service = deployment.make(KafkaService, "service").start()
    occasion = service.occasion(3)
    clock = Clock(tmp_path, 10)
    wrong = with_clock(clock, deployment.processor("wrong", listen=a_free_address())).launch()
    await_reason(wrong, "10 s ahead of the brokers'")
    occasion.claimed()
    assert wrong.stop() == 0
    assert service.stop() == 0
    service.expect_clean_history()


def test_a_service_with_a_wrong_clock_takes_no_log_over(deployment, tmp_path):
    service = deployment.make(KafkaService, "service").start()
    occasion = service.occasion(3)
    wrong = with_clock(Clock(tmp_path, 10), deployment.make(KafkaService, "wrong")).launch()
    assert wrong.process.wait(PATIENCE_S) == 1
    assert "10 s ahead of the brokers'" in wrong.said()
    occasion.claimed()
    assert service.stop() == 0
    service.expect_clean_history()


def test_a_service_decides_nothing_while_its_clock_is_wrong(deployment, tmp_path):
    clock = Clock(tmp_path, 0)
    service = with_clock(clock, deployment.make(KafkaService, "service")).start()
    occasion = service.occasion(3)
    clock.set(HOUR_S)
    await_reason(service, "3600 s ahead of the brokers'")
    occasion.claim().problem(503)
    clock.set(0)
    await_until(lambda: service.anyone.get("/readyz").status == 200, "ready", PATIENCE_S)
    assert occasion.claimed()["ticket"]["number"] == 1
    assert service.stop() == 0
    service.expect_clean_history()
