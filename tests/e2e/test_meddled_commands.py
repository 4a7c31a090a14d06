"""Somebody meddles with the topic of commands on a real broker, under running processors."""

import base64
import json
import os
import pathlib
import subprocess

from boxoffice_client import await_until
from deployment import LONG, deciders
from kafka_service import PATIENCE_S

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("BOXOFFICE_OUTSIDE_PYTHON", ROOT / "build/outside/python/bin/python")
PARTITIONS = 4

# Another topic of the same name, with the same properties.
MAKE_ANEW = """
import sys, time
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic
brokers, topic, partitions = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": brokers})
[described] = admin.describe_configs([ConfigResource("topic", topic)]).values()
own = {name: entry.value for name, entry in described.result().items() if entry.source == 1}
[deleted] = admin.delete_topics([topic]).values()
deleted.result()
while True:
    [made] = admin.create_topics([NewTopic(topic, int(partitions), 1, config=own)]).values()
    try:
        made.result()
        break
    except Exception as error:  # it is being deleted
        time.sleep(0.05)
"""


class Commands:
    """What stands on the topic, by partition."""

    def __init__(self, deployment):
        self.brokers = deployment.cluster.brokers
        self.cluster = deployment.cluster
        self.name = f"{deployment.prefix}boxoffice.commands"

    def make_anew(self):
        subprocess.run([PYTHON, "-c", MAKE_ANEW, self.brokers, self.name, str(PARTITIONS)],
                       check=True, timeout=PATIENCE_S)

    def kcat(self, *arguments, **how):
        return subprocess.run(["kcat", "-b", self.brokers, "-t", self.name, *arguments],
                              check=True, capture_output=True, text=True, timeout=PATIENCE_S, **how)

    def read(self, partition):
        """JSON has no line in it."""
        shown = self.kcat("-C", "-p", str(partition), "-e", "-q").stdout
        return [line for line in shown.splitlines() if line]

    def write(self, partition, commands):
        self.kcat("-P", "-p", str(partition), input="".join(f"{each}\n" for each in commands))

    def end(self, partition):
        return self.cluster.end_of(self.name, partition)


def running(deployment):
    """A processor that forgets soon, a gateway, and an occasion with some claims."""
    # What comes again after this has another outcome.
    processor = deployment.processor("one", "--idempotency-window-ms", "1000").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    occasion = gateway.occasion(100, claims=LONG)
    for _ in range(5):
        occasion.claimed()
    return processor, gateway, occasion, int(occasion.created.position.split(":")[0])


def says_made_anew(processor):
    return processor.logged("error", "taking over failed", "made anew")


def test_a_topic_that_is_made_anew_is_left_undecided(deployment):
    one, gateway, _, partition = running(deployment)
    commands = Commands(deployment)
    before = commands.read(partition)
    history = one.history()
    commands.make_anew()
    await_until(lambda: says_made_anew(one), "its word", PATIENCE_S)
    commands.write(partition, before * 3)  # now it is longer than the one before
    shown = one.anyone.get("/readyz")
    assert shown.status == 503 and "it stays undecided until that is mended" in shown.body.decode()
    assert one.history() == history

    # Nor does it mean anything to who was not there.
    one.kill()
    two = deployment.processor("two", "--idempotency-window-ms", "1000").launch()
    await_until(lambda: says_made_anew(two), "its word", PATIENCE_S)
    assert commands.end(partition) > len(before)
    assert one.history() == history
    one.expect_clean_history()


def an_id():
    return "A" + base64.urlsafe_b64encode(os.urandom(16)).decode()[1:22]  # begins with a letter


def as_of_another(command, key):
    """A command that is granted, and brings a wrapped key of that name."""
    tag = command["id"].split(".")[1]
    data = {**command["data"], "claim": an_id(), "person": an_id(), "ip": an_id()}
    other = {**command, "id": f"{an_id()}.{tag}", "deadline": "2099-01-01T00:00:00.000Z",
             "keyname": key, "data": data}
    del other["replyto"]
    return json.dumps(other, ensure_ascii=False)


def test_a_wrapped_key_that_the_log_does_not_take_ends_nobody(deployment):
    one, _, occasion, partition = running(deployment)
    commands = Commands(deployment)
    command = json.loads(next(line for line in commands.read(partition) if "ClaimTicket" in line))
    end = commands.end(partition)
    commands.write(partition, [as_of_another(command, key)
                               for key in ["service", "/x", "person/" + "é" * 240]])
    occasion.claimed()
    assert one.process.poll() is None
    assert deciders(one) == [PARTITIONS]
    for offset in range(end, end + 3):
        assert one.warned(f"partition {partition} from offset {offset} through {offset} are passed",
                          "/keyname")
    one.expect_clean_history()
