"""Commands that are deleted from their topic, on a real broker, before anybody has decided them: history
says so, once, and who asks again under the same key is answered."""

import json
import os
import pathlib
import subprocess

from boxoffice_client import Threads, await_until
from deployment import LONG, ask, deciders
from kafka_service import PATIENCE_S

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("BOXOFFICE_OUTSIDE_PYTHON", ROOT / "build/outside/python/bin/python")

DELETE = """
import sys
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
brokers, topic, partition, before = sys.argv[1:]
place = TopicPartition(topic, int(partition), int(before))
admin = AdminClient({"bootstrap.servers": brokers})
[deleted] = admin.delete_records([place]).values()
deleted.result()
"""


class Topic:
    """The commands of one partition."""

    def __init__(self, deployment, partition):
        self.cluster = deployment.cluster
        self.name = f"{deployment.prefix}boxoffice.commands"
        self.partition = partition

    def end(self):
        return self.cluster.end_of(self.name, self.partition)

    def delete_before(self, offset):
        subprocess.run([PYTHON, "-c", DELETE, self.cluster.brokers, self.name, str(self.partition),
                        str(offset)], check=True, timeout=60)


def skipped(tool):
    events = [json.loads(line) for line in tool.history()]
    return [event for event in events if event["type"] == "boxoffice.CommandsSkipped"]


def decides_all(processor):
    await_until(lambda: deciders(processor) == [4], "it decides all", PATIENCE_S)


def an_occasion_with_its_topic(deployment):
    """A processor and a gateway, an occasion, and where commands about it go."""
    processor = deployment.processor("one").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    occasion = gateway.occasion(10, claims=LONG)
    return processor, gateway, occasion, Topic(deployment,
                                               int(occasion.created.position.split(":")[0]))


def test_deleted_commands_are_told_once_and_can_be_asked_again(deployment):
    one, gateway, occasion, topic = an_occasion_with_its_topic(deployment)
    assert one.stop() == 0

    before = topic.end()
    keys = [f"deleted-undecided-{i:04}" for i in range(3)]
    asking = Threads([lambda i=i, key=key: ask(occasion, key, f"{i}@example.org", f"192.0.2.{i}")
                      for i, key in enumerate(keys)])
    await_until(lambda: topic.end() == before + 3, "commands on the topic", PATIENCE_S)
    topic.delete_before(before + 2)
    two = deployment.processor("two").start()
    decides_all(two)
    answers = asking.results()
    # The one that is left may come too late, for a machine with much to do.
    assert sorted(answer.status for answer in answers) in ([201, 503, 503], [503, 503, 503])
    for key, answer in zip(keys, answers):
        if answer.status == 503:
            assert answer.problem(503)["command"] == key

    [event] = skipped(two)
    assert event["subject"] == str(topic.partition) and event["commandlog"].split("/")[1] == topic.name
    assert event["commandoffset"] == before + 1
    assert event["data"] == {"log": event["commandlog"], "from": before, "through": before + 1,
                             "end": before + 3, "found": "taking_over"}
    assert two.metric("boxoffice_commands_skipped_total") == 2
    assert two.logged("warning", "deleted from their topic", event["id"])

    for i, key in enumerate(keys):
        again = ask(occasion, key, f"{i}@example.org", f"192.0.2.{i}").expect(201)
        if answers[i].status == 201:
            assert again.body == answers[i].body
    [shown] = gateway.admin.get("/v1/audit?type=CommandsSkipped").expect(200).json()["items"]
    assert shown == event

    two.kill()
    one.start()
    decides_all(one)
    assert skipped(one) == [event], "whoever takes over next knows"
    one.expect_clean_history()


def test_commands_are_told_as_deleted_also_where_none_is_left(deployment):
    one, _, occasion, topic = an_occasion_with_its_topic(deployment)
    one.kill()
    before = topic.end()
    asking = Threads([lambda: ask(occasion, "deleted-undecided", "a@example.org", "192.0.2.1")])
    await_until(lambda: topic.end() == before + 1, "the command on the topic", PATIENCE_S)
    topic.delete_before(before + 1)
    for _ in range(2):
        one.start()
        decides_all(one)
        [event] = await_until(lambda: skipped(one), "the event", PATIENCE_S)
        assert (event["data"]["from"], event["data"]["through"]) == (before, before)
        one.kill()
    [answer] = asking.results()
    answer.expect(503)
    one.start()
    ask(occasion, "deleted-undecided", "a@example.org", "192.0.2.1").expect(201)
    one.expect_clean_history()
