"""A partition is taken over by a machine that has nothing: it begins with the snapshot and the keys
that travelled, and decides as the one before would have."""

import random
import re
import subprocess

import pytest

from boxoffice_client import ADDRESSES, Threads, await_until, fresh_email, fresh_ip
from chance import SEED
from deployment import LONG, At, Claiming, ask, expect_each_once
from kafka_service import PATIENCE_S, KafkaService
from metrics_page import documented, shown

CLIENTS = 8
CLAIMS = 600
CLAIMS_WORTH_AN_EVENT = 16  # (commands/processor/settings.hpp): with fewer, who leaves writes no snapshot


def taken_over(service, occasion):
    """From what it took the occasion's partition over, as its log says: snapshot, events, keys."""
    where = int(occasion.created.position.split(":")[0])
    return await_until(lambda: all_taken_over(service).get(where), "its taking over", PATIENCE_S)


def all_taken_over(service):
    return {line["partition"]: (line["snapshot"], line["events_read"], line["keys_gathered"])
            for line in service.lines("partition_taken_over")}


def expect_little_left_to_read(service, occasion):
    """Of who was asked to end: a snapshot, unless reading the events behind one is quicker; and all
    keys. How many events were read."""
    snapshot, events, keys = taken_over(service, occasion)
    assert snapshot + events >= CLAIMS and keys >= CLAIMS, service.said()
    assert events * CLAIMS_WORTH_AN_EVENT <= snapshot + events, service.said()
    return events


def claim_some(gateway, occasion, ledger, count):
    at = At(gateway, occasion.path)

    def claim():
        for _ in range(count // CLIENTS):
            key, email, ip = f"travelling-{next(ADDRESSES):016}", fresh_email(), fresh_ip()
            ledger.write_asked(key, email, ip)
            ledger.write_answer(key, ask(at, key, email, ip).expect(201))

    Threads([claim] * CLIENTS).results()


@pytest.fixture
def history(deployment):
    """A processor, its gateway, an occasion with claims, and what was answered."""
    one = deployment.processor("one", "--snapshot-every-ms", "300").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    occasion = gateway.occasion(1_000_000, claims=LONG)
    claiming = Claiming(occasion, [])
    claim_some(gateway, occasion, claiming.ledger, CLAIMS)
    return one, gateway, claiming


def expect_same_outcomes(claiming, count=60):
    for key in random.Random(SEED).sample(sorted(claiming.ledger.granted()), count):
        email, ip, status, body = claiming.ledger.answered[key]
        again = await_until(lambda: answered(claiming.occasion, key, email, ip), "it", PATIENCE_S)
        assert (again.status, again.body) == (status, body)


def answered(occasion, key, email, ip):
    """None: it is put off, for deciding has only begun."""
    answer = ask(occasion, key, email, ip)
    return answer if answer.status != 503 else None


def read_while_taking_over(processor):
    return processor.metric("boxoffice_recovery_events_read_total")


def test_a_new_machine_reads_the_end_of_history_and_no_more(deployment, history):
    print(f"seed {SEED}")
    one, gateway, claiming = history
    assert one.stop() == 0
    two = deployment.processor("two").start()
    events = expect_little_left_to_read(two, claiming.occasion)
    assert read_while_taking_over(two) == events
    expect_same_outcomes(claiming)
    claim_some(gateway, claiming.occasion, claiming.ledger, 40)
    claiming.end()
    expect_each_once(two, claiming)


def test_a_processor_tells_of_its_cycles_and_what_waits(history):
    one, _, claiming = history
    claiming.end()
    page = one.anyone.get("/metrics").body.decode()
    assert shown(page) == documented("p")
    assert one.metric("boxoffice_cycle_seconds_count") >= 1
    behind = dict(re.findall(r'^boxoffice_commands_behind_seconds\{partition="(\d+)"\} (\S+)$', page, re.M))
    assert len(behind) == one.metric("boxoffice_partitions_held")
    assert set(behind.values()) == {"0"}, "all has its outcome"


def test_a_new_machine_takes_over_from_one_that_was_killed(deployment, history):
    """What was sent before the kill serves, the rest is read."""
    print(f"seed {SEED}")
    one, gateway, claiming = history
    await_until(lambda: one.metric("boxoffice_snapshots_total") >= 2, "snapshots", PATIENCE_S)
    claim_some(gateway, claiming.occasion, claiming.ledger, 200)
    one.kill()
    two = deployment.processor("two").start()
    snapshot, events, keys = taken_over(two, claiming.occasion)
    assert 0 < snapshot
    assert events + keys >= CLAIMS + 200, "each key was read or had"
    expect_same_outcomes(claiming)
    claim_some(gateway, claiming.occasion, claiming.ledger, 40)
    claiming.end()
    expect_each_once(two, claiming)


def test_a_service_on_another_machine_begins_where_the_processor_ended(deployment, history):
    one, _, claiming = history
    assert one.stop() == 0
    service = deployment.make(KafkaService, "service").start()
    expect_little_left_to_read(service, claiming.occasion)
    claiming.occasion.service = service
    expect_same_outcomes(claiming)
    assert service.stop() == 0
    service.expect_clean_history()


def test_snapshots_do_not_pile_up(deployment, history, cluster):
    one, gateway, claiming = history
    where = int(claiming.occasion.created.position.split(":")[0])
    for _ in range(5):
        before = one.metric("boxoffice_snapshots_total")
        claim_some(gateway, claiming.occasion, claiming.ledger, CLIENTS)
        await_until(lambda: one.metric("boxoffice_snapshots_total") > before, "a snapshot",
                    PATIENCE_S)
    kept = records_of(cluster, f"{deployment.prefix}boxoffice.snapshots", where)
    heads = [record for record in kept if record.startswith(b"BOXHEAD1")]
    assert 2 <= len(heads) <= 3, "the last two, and one whose trimming is under way"
    assert len(kept) <= 3 * 2, "each of them is small: a chunk and its head"
    assert one.metric("boxoffice_snapshots_failed_total") == 0


def records_of(cluster, topic, partition):
    """What kcat finds there from the beginning to the end."""
    shown = subprocess.run(
        ["kcat", "-C", "-e", "-q", "-b", cluster.brokers, "-t", topic, "-p", str(partition),
         "-o", "beginning", "-D", "<end of a record>"], capture_output=True, check=True, timeout=60)
    return shown.stdout.split(b"<end of a record>")[:-1]
