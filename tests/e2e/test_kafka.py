"""The service with its log on a real broker: the same product, whatever is killed."""

import contextlib
import fcntl
import json
import random
import re
import shutil
import signal
import threading
import time

import pytest

from boxoffice_client import Threads, await_until, fresh_email, fresh_ip
from chance import SEED
from kafka_service import PATIENCE_S, Gateway, KafkaService, Processor, Projector
from ledger import Ledger, claim_until_cut_off, expect_all_there, expect_no_ticket_twice
from metrics_page import documented, shown

KILLS = 3
CLIENTS = 8
LONG = {"ttl_ms": 86_400_000}


@pytest.fixture
def machine(tmp_path, cluster, request):
    """`machine(name, flags…)` is a service, not started yet, of this test's own deployment."""
    prefix = re.sub(r"\W", "-", request.node.name) + "-"
    made = []

    def make(name="first", *flags):
        made.append(KafkaService(tmp_path / name, cluster, prefix, *flags))
        return made[-1]

    yield make
    for each in made:
        if each.process and each.process.poll() is None:
            each.process.send_signal(signal.SIGCONT)
            each.kill()


def test_what_was_answered_is_there_on_another_machine(machine):
    """Read models and the deciding state are made from the log alone; so is the tools' view."""
    first = machine().start()
    occasions = [first.occasion(5) for _ in range(6)]
    claims = [occasion.claimed() for occasion in occasions]
    occasions[0].confirm(claims[0]).expect(200)
    occasions[1].release(claims[1]).expect(200)
    repeated = {"email": fresh_email(), "ip": "192.0.2.9", "Idempotency_Key": "the-same-key-0123"}
    bodies = [occasion.claim(**repeated).expect(201).body for occasion in occasions]
    assert len({occasion.position.split(":")[0] for occasion in occasions}) > 1
    assert shown(first.anyone.get("/metrics").body.decode()) == documented("s") | documented("k")
    assert first.stop() == 0

    second = machine("second").with_secrets_of(first).start()
    for occasion in occasions:
        occasion.service = second
    states = [occasion.shown(claim).expect(200).json()["state"]
              for occasion, claim in zip(occasions, claims)]
    assert states == ["confirmed", "released"] + ["held"] * 4
    assert [occasion.claim(**repeated).expect(201).body for occasion in occasions] == bodies
    other_body = {**repeated, "email": fresh_email()}
    occasions[2].claim(**other_body).problem(422, "key_reused")
    second.expect_clean_history()
    event = next(json.loads(line) for line in second.history() if "ClaimConfirmed" in line)
    assert event["causationid"] in second.replay("explain", event["id"])


def test_the_tools_work_on_it_in_use_and_at_rest(machine):
    service = machine().start()
    service.occasion(3).claimed()
    made = service.tool("admin", "administrator", "--data", service.data, "--print", "key")
    service.client(made.strip()).get("/v1/keys").expect(200)
    assert ", the same" in service.tool("replay", "diff", "--data", service.data)
    assert service.stop() == 0
    service.tool("admin", "administrator", "--data", service.data, status=2)
    gate = ["--name", "Gate", "--role", "gate"]
    service.tool("admin", "key", "--data", service.data, *gate, status=2)
    assert ", the same" in service.replay("diff", "--data", service.data)
    with (service.data / "LOCK").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        service.replay("diff", "--data", service.data, status=2)
    assert "swapped in" in service.replay("rebuild", "--swap", "--data", service.data)
    service.replay("diff", "--data", service.home / "typo", status=2)
    assert not (service.home / "typo").exists()
    typo = [*service.where[:-1], "typo-"]
    assert "typo-boxoffice." in service.tool("replay", "verify", *typo, status=None)


def test_claims_expire(machine):
    occasion = machine().start().occasion(1, claims={"ttl_ms": 1500})
    claim = occasion.claimed()
    await_until(lambda: occasion.availability()["free"] == 1, "the expiry", PATIENCE_S)
    assert occasion.shown(claim).json()["state"] == "expired"


def test_answered_claims_survive_kills_at_random_moments(machine):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    service = machine("first", "--snapshot-every-ms", "300").start()
    occasion = service.occasion(1_000_000, claims=LONG)
    ledger = Ledger()
    for round in range(KILLS):
        clients = Threads([lambda: claim_until_cut_off(occasion, ledger)] * CLIENTS)
        await_until(lambda: len(ledger.granted()) > 20 * (round + 1), "claims", PATIENCE_S)
        time.sleep(chance.uniform(0.0, 0.3))  # the moment is what is random here
        service.kill()
        clients.results()
        if round == 0:  # as on a machine that has nothing but the secrets
            for made_from_the_log in ["projections", "idempotency", "DEPLOYMENT"]:
                gone = service.data / made_from_the_log
                shutil.rmtree(gone) if gone.is_dir() else gone.unlink(missing_ok=True)
        service.start()
        expect_all_there(occasion, ledger, chance)
    expect_no_ticket_twice(ledger)
    assert service.stop() == 0
    service.expect_clean_history()


def test_an_outage_of_the_broker_makes_503s_and_heals(machine, cluster):
    service = machine().start()
    occasion = service.occasion(1_000_000, claims=LONG)
    ledger, stopped = Ledger(), threading.Event()
    clients = Threads([lambda: claim_until_cut_off(occasion, ledger, stopped, PATIENCE_S)] * CLIENTS)
    await_until(lambda: len(ledger.granted()) > 20, "claims", PATIENCE_S)
    cluster.kill()
    try:
        asked = {"email": fresh_email(), "ip": fresh_ip(), "timeout": PATIENCE_S}
        refused = occasion.claim(**asked)
        refused.problem(503)
        assert int(refused.headers["retry-after"]) >= 1
        await_until(lambda: service.anyone.get("/readyz").status == 503, "unreadiness", PATIENCE_S)
        assert "kafka" in service.anyone.get("/readyz").body.decode()
        assert occasion.availability(at_least="0:0")["capacity"] == 1_000_000
        assert service.anyone.get("/healthz").status == 200
        await_until(lambda: service.warned("not ready", "kafka"), "a line in its log", PATIENCE_S)
    finally:
        cluster.start_again()
    await_until(lambda: service.anyone.get("/readyz").status == 200, "readiness", PATIENCE_S)
    before = len(ledger.granted())
    await_until(lambda: len(ledger.granted()) > before + 20, "claims after it", PATIENCE_S)
    stopped.set()
    clients.results()
    # Nobody could say what became of it. The key that the answer named tells now.
    key = refused.json()["command"]
    ledger.write_asked(key, asked["email"], asked["ip"])
    ledger.write_answer(key, occasion.claim(**asked, Idempotency_Key=key).expect(201))
    expect_all_there(occasion, ledger, random.Random(SEED))
    expect_no_ticket_twice(ledger)
    assert service.stop() == 0
    service.expect_clean_history()


def test_who_was_stopped_and_wakes_leaves_no_trace(machine):
    """Stopped in the midst of its work, woken when it has a successor: it must not fence that."""
    first = machine().start()
    occasion = first.occasion(1_000_000, claims=LONG)
    ledger, stopped = Ledger(), threading.Event()
    clients = Threads([lambda: claim_until_cut_off(occasion, ledger, stopped, PATIENCE_S)] * CLIENTS)
    await_until(lambda: len(ledger.granted()) > 20, "claims", PATIENCE_S)
    first.process.send_signal(signal.SIGSTOP)

    second = machine("second").with_secrets_of(first).start()
    occasion.service = second
    later = [occasion.claimed() for _ in range(20)]
    first.process.send_signal(signal.SIGCONT)
    assert first.process.wait(PATIENCE_S) == 3
    assert first.logged("warning", "taken over by process", str(second.process.pid))
    stopped.set()
    clients.results()

    later += [occasion.claimed() for _ in range(20)]
    assert second.metric("boxoffice_appends_failed_total") == 0, second.said()
    granted = ledger.granted()
    for claim in [*granted.values(), *later]:
        assert occasion.shown(claim).expect(200).json()["ticket"] == claim["ticket"]
    expect_no_ticket_twice(ledger)
    assert second.stop() == 0
    second.expect_clean_history()


def test_who_has_nothing_to_do_finds_its_successor_too(machine):
    first = machine().start()
    second = machine("second").with_secrets_of(first).start()
    assert first.process.wait(PATIENCE_S) == 3
    second.occasion(1).claimed()
    assert second.stop() == 0


@pytest.mark.parametrize("role", [KafkaService, Gateway, Processor, Projector])
def test_wrong_settings_are_refused_by_name(role, cluster, tmp_path):
    """At once, also by who waits for what others make."""
    properties = tmp_path / "kafka.properties"

    def refused(*lines):
        properties.write_text("\n".join(lines))
        service = role(tmp_path / "refused", cluster, "refused-", "--kafka-properties", properties,
                       *(["--projectors", "127.0.0.1:1"] if role == Gateway else []))
        with killed_at_the_end(service.launch()):
            assert service.process.wait(PATIENCE_S) == 2, service.said()
        assert "setting kafka-properties" in service.said()
        assert "hunter2" not in service.said()
        return service.said()

    assert "acks cannot be set" in refused("# ours", "client.id = a", "", "acks=1")
    assert "use the setting session-timeout-ms" in refused("session.timeout.ms=9000")
    assert "no.such.property" in refused("no.such.property=1")
    assert "sasl.pasword" in refused("sasl.pasword = hunter2")
    assert "line 1: must" in refused("sasl.password hunter2")
    assert "ssl.ca.location" in refused("security.protocol=ssl", "ssl.ca.location=/no/such/file")
    assert not (tmp_path / "refused/data").exists()


@contextlib.contextmanager
def killed_at_the_end(service):
    try:
        yield
    finally:
        if service.process.poll() is None:
            service.kill()


def test_a_directory_or_a_secret_that_does_not_fit_the_log_is_refused(machine, tmp_path):
    service = machine().start()
    service.occasion(1).claimed()
    assert service.stop() == 0

    stranger = machine("stranger").launch()
    assert stranger.process.wait(PATIENCE_S) == 2
    assert "setting master-key: is needed" in stranger.said()
    assert not list(stranger.data.glob("*.key"))
    for wrong in ["master-key", "pepper"]:
        other = machine(f"wrong-{wrong}").with_secrets_of(service).launch(f"--{wrong}", "ab" * 32)
        assert other.process.wait(PATIENCE_S) == 2
        assert f"setting {wrong}: is not the one that the log was made with" in other.said()

    stranger.with_secrets_of(service)
    (stranger.data / "DEPLOYMENT").write_text("deployment anotheronesx\n")
    assert stranger.launch().process.wait(PATIENCE_S) == 2
    assert "setting data" in stranger.said()
    service.tool("serve", "--data", service.data, "--listen", "127.0.0.1:0", status=2)
    before = service.history()
    service.start()
    assert service.history() == before
