"""A deployment is moved: from its directory to Kafka and back, whatever interrupts the copying."""

import contextlib
import http.client
import json
import shutil
import signal
import subprocess
import threading

import pytest

from boxoffice_client import Service, await_until, fresh_email, outside, program
from deployment import deciders
from kafka_service import PATIENCE_S, KafkaService

SMALL = ["--partitions", "4", "--limits", "off"]
LONG = {"ttl_ms": 86_400_000}
REPEATED = {"ip": "192.0.2.9", "Idempotency_Key": "the-same-key-0123"}


class Story:
    """Some occasions with claims in each state, and what was answered about them."""

    def __init__(self, service, occasions=6, claims=40):
        self.occasions = [service.occasion(1000, claims=LONG) for _ in range(occasions)]
        self.claims = [(occasion, occasion.claimed())
                       for occasion in self.occasions for _ in range(claims)]
        for number, (occasion, claim) in enumerate(self.claims):
            if number % 3 == 0:
                occasion.confirm(claim).expect(200)
            if number % 3 == 1:
                occasion.release(claim).expect(200)
        self.email = fresh_email()
        self.repeated = [occasion.claim(self.email, **REPEATED).expect(201).body
                         for occasion in self.occasions]
        self.answers = self.shown()

    def shown(self):
        return [json.loads(occasion.shown(claim).expect(200).body)
                for occasion, claim in self.claims]

    def goes_on_at(self, service):
        """All is as it was, a repeat is answered as before, and more is claimed."""
        for occasion in self.occasions:
            occasion.service = service
        assert self.shown() == self.answers
        assert [occasion.claim(self.email, **REPEATED).expect(201).body
                for occasion in self.occasions] == self.repeated
        for occasion in self.occasions:
            occasion.claim(fresh_email(), **REPEATED).problem(422, "key_reused")
            more = occasion.claimed()
            assert more["ticket"] not in [claim["ticket"] for claim in self.answers
                                          if claim["state"] != "released"]
            self.claims.append((occasion, more))
        self.answers = self.shown()


@pytest.fixture
def place(tmp_path):
    """`place(name, flags…)` is a service in a directory of that name, not started yet."""
    made = []

    def make(name, *flags, of=Service):
        (tmp_path / name).mkdir(exist_ok=True)
        made.append(of(tmp_path / name, *flags))
        return made[-1]

    yield make
    for each in made:
        if each.process and each.process.poll() is None:
            each.kill()


def named(place):
    return place if ":" in str(place) else f"embedded:{place}"


def log_of(service):
    """The place of a log on Kafka."""
    _, brokers, _, prefix = service.connection
    return f"kafka:{brokers},{prefix}"


class Copying:
    """`boxoffice log copy` from one place to another: a directory, or `kafka:…`."""

    def __init__(self, home, source, destination, *flags):
        self.home = home
        self.command = [program(), "log", "copy", "--from", named(source), "--to",
                        named(destination), *flags]

    def run(self, status=0):
        """What it printed, and what it said to the operator."""
        done = subprocess.run(self.command, capture_output=True, text=True, timeout=PATIENCE_S,
                              env=outside(), cwd=self.home)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout, done.stderr

    def run_beside(self, step, act):
        """Does `act` as soon as it says that it does `step`, and expects it to end well."""
        with subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, env=outside(), cwd=self.home) as process:
            said = []
            for line in process.stderr:
                said.append(line)
                if line.startswith(step):
                    act()
                    break
            printed, rest = process.communicate(timeout=PATIENCE_S)
            assert process.returncode == 0, (said, rest)
        return printed

    def killed_at(self, step, times=1, how=signal.SIGKILL):
        """Is ended as soon as it says for the so many-th time that it does `step`."""
        said = []
        with subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, env=outside(), cwd=self.home) as process:
            for line in process.stderr:
                said.append(line.strip())
                times -= line.startswith(step)
                if times == 0:
                    process.send_signal(how)
                    break
            process.stderr.read()
            assert process.wait(PATIENCE_S) == -how, said
        return said


def expect_clean(service, *where):
    assert "violations 0" in service.tool("replay", "verify", *where)


def history_of(service, *where):
    return service.tool("replay", "show", "--format", "jsonl", *where).splitlines()


def with_secrets_of(directory, other):
    directory.mkdir(parents=True, exist_ok=True)
    for name in ["master.key", "pepper.key"]:
        shutil.copy2(other / name, directory / name)


def refused_service(service):
    service.launch()
    assert service.process.wait(PATIENCE_S) not in (0, None)
    return service.said()


def test_from_a_directory_to_kafka_and_back_though_it_is_killed(tmp_path, cluster, place):
    def on_kafka(home):
        return KafkaService(home, cluster, "moving-")

    old = place("old", *SMALL).start()
    story = Story(old)
    assert old.stop() == 0

    new = place("new", of=on_kafka)
    there = Copying(tmp_path, old.data, log_of(new))
    first = there.killed_at("copying", times=2)
    assert "unfinished copy" in refused_service(new.with_secrets_of(old))
    second = there.killed_at("comparing", how=signal.SIGINT)
    assert first[-2] not in second, "what was copied is not copied again"
    there.killed_at("verifying")
    printed, _ = there.run()
    assert "\nwhole yes\n" in printed and "\nevents copied 0\n" in printed
    before = history_of(old, "--data", old.data)
    assert history_of(old, *new.where) == before
    assert f"\nevents {len(before)}\n" in printed
    expect_clean(old, *new.where)

    assert "setting master-key: is needed" in refused_service(place("stranger", of=on_kafka))
    new.start()
    story.goes_on_at(new)
    assert new.stop() == 0
    new.expect_clean_history()
    adopted = [json.loads(line) for line in history_of(new, *new.where) if "LogAdopted" in line]
    assert sorted(event["subject"] for event in adopted) == ["0", "1", "2", "3"]
    assert {(event["data"]["from"], event["data"]["to"]) for event in adopted} == \
        {("embedded", "kafka")}

    # It has a history of its own now.
    _, said = there.run(status=1)
    assert "another history from" in said and "nothing was written" in said

    back = place("back", *SMALL)
    copying = Copying(tmp_path, log_of(new), back.data)
    copying.killed_at("copying", times=2)
    assert "unfinished copy" in refused_service(back)
    copying.run()
    assert history_of(new, *new.where) == history_of(back, "--data", back.data)
    assert "master.key: is missing" in refused_service(back)
    with_secrets_of(back.data, old.data)
    back.start()
    story.goes_on_at(back)
    assert back.stop() == 0
    expect_clean(back, "--data", back.data)
    assert len([line for line in history_of(back, "--data", back.data)
                if "boxoffice.LogAdopted" in line]) == 8
    assert back.start().stop() == 0
    assert ", the same" in back.tool("replay", "diff", "--data", back.data)


def test_while_a_service_runs_on_the_source(tmp_path, place):
    old = place("old", *SMALL).start()
    story = Story(old, occasions=2, claims=6)
    new = tmp_path / "new/data"
    copying = Copying(tmp_path, old.data, new)
    printed, said = copying.run(status=1)
    assert "\nwhole no\n" in printed and "the source is in use" in said
    story.claims += [(occasion, occasion.claimed()) for occasion in story.occasions]
    story.answers = story.shown()
    assert old.stop() == 0
    printed, _ = copying.run()
    assert "\nevents copied 2\n" in printed and "\nkeys copied 2\n" in printed

    with_secrets_of(new, old.data)
    moved = place("new", *SMALL).start()
    story.goes_on_at(moved)
    _, said = copying.run(status=2)
    assert f"held by process {moved.process.pid}" in said
    assert moved.stop() == 0
    expect_clean(moved, "--data", moved.data)


def test_who_decides_on_the_destination_is_ended(tmp_path, deployment, place):
    """A deployment was moved to processes on Kafka, back, and is moved there again, while these
    still run: where their history ends, the directory's goes on, and nobody could tell them but who
    copies."""
    old = place("old", *SMALL).start()
    story = Story(old)
    assert old.stop() == 0

    processors = [deployment.processor(name).with_secrets_of(old) for name in ["one", "two"]]
    there = log_of(processors[0])
    Copying(tmp_path, old.data, there).run()
    for each in processors:
        each.start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    await_until(lambda: sorted(deciders(*processors)) == [2, 2], "two each", PATIENCE_S)
    story.goes_on_at(gateway)

    Copying(tmp_path, there, old.data).run()
    old.start()
    story.goes_on_at(old)
    assert old.stop() == 0

    def claim_there(occasion):
        with contextlib.suppress(OSError, http.client.HTTPException):
            occasion.claim(fresh_email())

    def claim_everywhere():
        for occasion in story.occasions:
            occasion.service = gateway
            asking.append(threading.Thread(target=claim_there, args=[occasion]))
            asking[-1].start()

    asking = []
    printed = Copying(tmp_path, old.data, there).run_beside("copying", claim_everywhere)
    assert "\nwhole yes\n" in printed
    assert [each.process.wait(PATIENCE_S) for each in processors] == [3, 3]
    assert processors[0].logged("error", "taken over by `boxoffice log copy`, process")
    for each in asking:
        each.join()
    assert history_of(old, *gateway.where) == history_of(old, "--data", old.data)
    gateway.expect_clean_history()

    # What was asked of it while it was copied into is too late, or is decided by who goes on.
    for each in processors:
        each.start()
    gateway.await_ready()
    story.goes_on_at(gateway)
    assert [each.stop() for each in [gateway, *processors]] == [0] * 3
    gateway.expect_clean_history()


def test_as_it_is_for_a_rehearsal(tmp_path, place):
    old = place("old", *SMALL).start()
    story = Story(old, occasions=2, claims=6)
    new = tmp_path / "new/data"
    Copying(tmp_path, old.data, new, "--as-it-is").run()
    with_secrets_of(new, old.data)
    rehearsal = place("new", *SMALL).start()
    story.goes_on_at(rehearsal)
    assert rehearsal.stop() == 0
    assert old.stop() == 0


def test_wrong_places_are_refused(tmp_path, place):
    old = place("old").start()
    assert old.stop() == 0
    other = place("other").start()
    assert other.stop() == 0
    for arguments, status, words in [
            ([old.data, old.data], 2, "is the source itself"),
            (["kafka:one:9092", "kafka:two:9092,x-"], 2, "one of them is a directory"),
            ([old.data, "kafka:one:9092,two"], 2, "two may be a broker that lacks its port"),
            ([tmp_path / "nowhere", tmp_path / "new"], 2, "nowhere"),
            ([old.data, tmp_path / "new", "--kafka-properties", "x"], 2, "--kafka-properties"),
            ([old.data, "elsewhere:x"], 2, "must be embedded:DIR or kafka:"),
            ([old.data, "kafka:"], 2, "must be embedded:DIR or kafka:"),
            ([old.data, other.data], 1, "the destination is the log of"),
    ]:
        _, said = Copying(tmp_path, *arguments).run(status)
        assert words in said, said
    assert not (tmp_path / "new").exists() and not (tmp_path / "nowhere").exists()
