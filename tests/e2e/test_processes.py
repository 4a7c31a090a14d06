"""Gateways and processors as processes of their own, on a real broker: whichever is killed, stopped
or cut off, no answered command is lost and none is decided twice."""

import random
import signal

from boxoffice_client import await_until
from chance import SEED
from deployment import (LONG, Claiming, ClaimingEverywhere, ask, deciders, expect_each_once,
                        occasions_in_each_partition)
from kafka_service import PATIENCE_S, Gateway, KafkaService
from metrics_page import documented, shown

STOPS_MAX = 8

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
    expect_each_once(processors[0], claiming)
    counted = gateways[1].anyone.get(f"{occasion.path}/availability",
                                     Boxoffice_At_Least=claiming.last_position).expect(200).json()
    assert counted["claimed"] == len(claiming.ledger.granted())
    assert [each.stop() for each in [*gateways, *projectors, *processors]] == [0] * 6


def test_who_was_stopped_past_its_session_leaves_no_trace(deployment):
    """Two believe that they own the partitions: the old one must be fenced, and not fence back.
    Stopped between two transactions it would hear of its successor before it asks for anything, so
    it is stopped until it was in the midst of one."""
    first = deployment.processor("one").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    claiming = ClaimingEverywhere(occasions_in_each_partition(gateway), [gateway], clients=4)
    claiming.await_more()
    second = deployment.processor("two")
    for _ in range(STOPS_MAX):
        first.process.send_signal(signal.SIGSTOP)
        second.start()
        await_until(lambda: deciders(second) == [4], "it decides all", PATIENCE_S)
        claiming.await_more()
        first.process.send_signal(signal.SIGCONT)
        await_until(lambda: sorted(deciders(first, second)) == [2, 2], "two each", PATIENCE_S)
        claiming.await_more()
        assert second.metric("boxoffice_appends_failed_total") == 0, second.said()
        if first.metric("boxoffice_appends_fenced_total") > 0:
            break
        assert second.stop() == 0
        await_until(lambda: deciders(first) == [4], "it decides all again", PATIENCE_S)
        claiming.await_more()
    assert first.metric("boxoffice_appends_fenced_total") > 0, first.said()
    claiming.end()
    expect_each_once(first, *claiming.each)
    assert first.stop() == second.stop() == gateway.stop() == 0


def test_who_is_asked_to_end_hands_over_at_once(deployment):
    """Nobody waits for its session to time out: here one outlasts all patience."""
    processors = [deployment.processor(name, session_timeout_ms=5 * PATIENCE_S * 1000).start()
                  for name in ["one", "two"]]
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    await_until(lambda: sorted(deciders(*processors)) == [2, 2], "two each", PATIENCE_S)
    claiming = Claiming(gateway.occasion(1_000_000, claims=LONG), [gateway])
    for each, other in [processors, processors[::-1]]:
        claiming.await_more()
        assert each.stop() == 0
        await_until(lambda: deciders(other) == [4], "it decides all", PATIENCE_S)
        claiming.await_more()
        each.start()
        await_until(lambda: sorted(deciders(*processors)) == [2, 2], "two each", PATIENCE_S)
    claiming.await_more()
    claiming.end()
    expect_each_once(processors[0], claiming)


def one_of_each_with_clients(deployment):
    """A processor, a projector, a gateway, and clients that have been granted claims."""
    processor = deployment.processor("one").start()
    projector = deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    claiming = Claiming(gateway.occasion(1_000_000, claims=LONG), [gateway])
    claiming.await_more()
    return processor, projector, gateway, claiming


def test_a_gateway_has_the_metrics_that_are_documented(deployment):
    *_, gateway, claiming = one_of_each_with_clients(deployment)
    claiming.end()
    assert shown(gateway.anyone.get("/metrics").body.decode()) == documented("g")


def test_an_outage_of_the_broker_heals(deployment, cluster):
    processor, _, gateway, claiming = one_of_each_with_clients(deployment)
    occasion = claiming.occasion
    cluster.kill()
    try:
        refused = ask(occasion, "asked-in-an-outage-0123", "somebody@example.org", "192.0.2.77")
        assert refused.problem(503)["command"] == "asked-in-an-outage-0123"
        for each in [processor, gateway]:
            await_until(lambda: "kafka" in each.anyone.get("/readyz").body.decode(),
                        "the brokers as a reason", PATIENCE_S)
            each.anyone.get("/readyz").expect(503)
    finally:
        cluster.start_again()
    for each in [processor, gateway]:
        await_until(lambda: each.anyone.get("/readyz").status == 200, "ready", PATIENCE_S)
    claiming.await_more()
    claiming.ledger.write_asked("asked-in-an-outage-0123", "somebody@example.org", "192.0.2.77")
    claiming.end()
    expect_each_once(processor, claiming)


def test_without_brokers_everything_can_be_stopped(deployment, cluster):
    processor, projector, gateway, claiming = one_of_each_with_clients(deployment)
    cluster.kill()
    try:
        for each in [gateway, projector, processor]:
            assert each.stop() == 0, each.said()
    finally:
        cluster.start_again()
    for each in [processor, projector, gateway]:
        each.start()
    claiming.await_more()
    claiming.end()
    expect_each_once(processor, claiming)


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
