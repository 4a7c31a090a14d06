"""The programs of examples/, as their README runs them, against a real broker; and what docs/topics.md and the AsyncAPI
document say of the topics."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess

import jsonschema
import pytest

from boxoffice_client import await_until
from kafka_service import PATIENCE_S, Gateway, KafkaService, Processor, Projector

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PYTHON = os.environ.get("BOXOFFICE_OUTSIDE_PYTHON", ROOT / "build/outside/python/bin/python")

INTERNAL = {"commands", "replies"}  # channels on which `serve` writes nothing

DESCRIBE = """
import json, sys
from confluent_kafka.admin import AdminClient, ConfigResource
topic = ConfigResource(ConfigResource.Type.TOPIC, sys.argv[2])
admin = AdminClient({"bootstrap.servers": sys.argv[1]})
[described] = admin.describe_configs([topic]).values()
print(json.dumps({name: entry.value for name, entry in described.result().items()}))
"""


@pytest.fixture(scope="module")
def on_kafka(tmp_path_factory, cluster):
    """A service whose topics have no prefix: as whoever copies the examples has it."""
    service = KafkaService(tmp_path_factory.mktemp("service"), cluster, "").start()
    yield service
    assert service.stop() == 0, service.said()


@contextlib.contextmanager
def apart(folder, cluster, prefix):
    """A gateway with a processor in another process."""
    processor = Processor(folder / "processor", cluster, prefix).start()
    projector = Projector(folder / "projector", cluster, prefix).start()
    gateway = Gateway(folder / "gateway", cluster, prefix, "--projectors", projector.address)
    gateway.with_secrets_of(processor).start()
    try:
        yield gateway
    finally:
        assert gateway.stop() == 0, gateway.said()
        assert projector.stop() == 0, projector.said()
        assert processor.stop() == 0, processor.said()


@pytest.fixture(scope="module")
def story(on_kafka):
    """An occasion with tickets in each state, others beside it, and keys."""
    others = [on_kafka.occasion(5) for _ in range(4)]
    for other in others:
        other.claimed()
    occasion = on_kafka.occasion(3, 2, claims={"ttl_ms": 86_400_000})
    first, second, third, fourth, _ = [occasion.claimed() for _ in range(5)]
    occasion.claim().problem(409, "sold_out")
    occasion.claim().problem(409, "sold_out")
    for _ in range(2):  # the second changes nothing
        occasion.confirm(first).expect(200)
    for confirmed in (second, third):
        occasion.confirm(confirmed).expect(200)
    for released in (third, fourth):
        occasion.release(released).expect(200)
    pools = [{"name": "main", "capacity": 30}, {"name": "second", "capacity": 2}, {"name": "late", "capacity": 7}]
    occasion.change({"pools": pools}).expect(200)
    occasion.claimed()
    burning = on_kafka.occasion(2, claims={"ttl_ms": 1000, "on_expiry": "burn"})
    burning.claimed()
    await_until(lambda: burning.availability()["burned"] == 1, "the expiry", PATIENCE_S)
    on_kafka.admin.post("/v1/keys", {"name": "An analyst", "role": "analyst"}).expect(201)
    on_kafka.admin.get("/v1/audit?open=true&limit=1").expect(200)
    return {"occasion": occasion, "burning": burning, "others": others}


@pytest.fixture
def history(on_kafka, story):
    return [json.loads(line) for line in on_kafka.history()]


def from_readme(mark):
    """The one command of the README that has this in it, as `sh` is given it."""
    commands = re.findall(r"^```sh\n(.*?)^```", (EXAMPLES / "README.md").read_text(), re.M | re.S)
    [command] = [each for each in commands if mark in each]
    return command.replace("venv/bin/python", str(PYTHON))


def environment(cluster, **more):
    return {**os.environ, "BROKERS": cluster.brokers, **more}


def run(command, cluster, **more):
    done = subprocess.run(["sh", "-ec", command], cwd=EXAMPLES, env=environment(cluster, **more),
                          capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"
    return done.stdout


def messages_of(channel, document):
    """By the name that the message has: of events and commands, their type."""
    all_messages = document["components"]["messages"]
    return {all_messages[name]["name"]: all_messages[name] for name in channel["messages"]}


def on_topic(history, topic, document):
    """The ids of its events, as the document tells which are on it."""
    channel = next(each for each in document["channels"].values() if each["address"] == topic)
    return sorted(event["id"] for event in history if event["type"] in messages_of(channel, document))


def records_of(topic, cluster):
    lines = run(f"kcat -C -b $BROKERS -t {topic} -o beginning -e -q -J", cluster).splitlines()
    return [json.loads(line) for line in lines]


def expect_to_be(record, message, document):
    """Payload and headers are those of the document's message."""
    resolver = jsonschema.RefResolver.from_schema(document)
    [trait] = [document["components"]["messageTraits"][trait["$ref"].rpartition("/")[2]] for trait in message["traits"]]
    headers = dict(zip(record["headers"][::2], record["headers"][1::2]))
    jsonschema.Draft7Validator(trait["headers"]).validate(headers)
    jsonschema.Draft7Validator(message["payload"], resolver=resolver).validate(json.loads(record["payload"]))


@pytest.fixture(scope="module")
def document(on_kafka):
    return on_kafka.anyone.get("/asyncapi.json").expect(200).json()


def test_kcat_reads_a_topic(cluster, history, document):
    lines = run(from_readme("-e -q\n"), cluster).splitlines()
    assert sorted(json.loads(line)["id"] for line in lines) == on_topic(history, "boxoffice.claims", document)


def test_kcat_and_jq_count_refusals(cluster, story):
    assert run(from_readme("jq"), cluster).split() == ["2", "sold_out"]


@contextlib.contextmanager
def following(cluster):
    """What the program that follows a topic prints; it is ended as from a keyboard."""
    command = from_readme("cloud_events.py")
    with subprocess.Popen(["sh", "-ec", f"exec {command}"], cwd=EXAMPLES, env=environment(cluster),
                          stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_S) == 0


def test_python_and_the_cloudevents_sdk_follow_a_topic(cluster, story, history, document):
    """What is there, and what comes while it runs; started again, it goes on where it was."""
    ids = on_topic(history, "boxoffice.claims", document)
    with following(cluster) as printed:
        assert sorted(printed.readline().split()[1] for _ in ids) == ids
        claim = story["others"][0].claimed()
        assert claim["id"] in printed.readline()
    claim = story["others"][1].claimed()
    with following(cluster) as printed:
        assert claim["id"] in printed.readline()


@pytest.mark.parametrize("which", ["occasion", "burning"])
def test_availability_folded_from_the_topics_is_that_of_the_api(on_kafka, cluster, story, which):
    occasion = story[which]
    folded = json.loads(run(from_readme("availability.py"), cluster, OCCASION=occasion.id))
    assert folded == occasion.availability()
    assert folded["burned"] == (1 if which == "burning" else 0)


def test_availability_takes_nothing_from_behind_a_gap(cluster):
    """The topics' ends are read at different moments: event 4, a claim, came when claims had been read to their end."""
    merge = """
import json, availability
read = {"boxoffice.occasions": [1, 5], "boxoffice.claims": [2, 3]}
availability.events = lambda brokers, topic, partitions: [{"sequence": f"{n:016}"} for n in read.get(topic, [])]
print(json.dumps([availability.sequence(event) for event in availability.in_order("", "", 0)]))
"""
    assert json.loads(run(f"{PYTHON} -c '{merge}'", cluster)) == [1, 2, 3]


def test_availability_of_what_there_is_not_is_an_error(cluster, story):
    with pytest.raises(AssertionError, match="no event tells of"):
        run(from_readme("availability.py"), cluster, OCCASION="nonsense")


def test_records_are_as_the_asyncapi_document_says(cluster, story, document):
    """Each event there is a message that its channel has; its record's key and headers are as the document says."""
    for name, channel in document["channels"].items():
        if name in INTERNAL:
            continue
        records = records_of(channel["address"], cluster)
        assert records, channel["address"]
        for record in records:
            event = json.loads(record["payload"])
            expect_to_be(record, messages_of(channel, document)[event["type"]], document)
            assert record["key"] == event["subject"]


def test_commands_and_replies_are_as_the_asyncapi_document_says(tmp_path, cluster, document):
    """What a gateway and a processor write to each other, of which each command has its one reply."""
    with apart(tmp_path, cluster, "apart-") as gateway:
        occasion = gateway.occasion(1)
        first = occasion.claimed()
        occasion.claim().problem(409, "sold_out")
        occasion.release(first).expect(200)
        once = [occasion.claim("one@example.org", "192.0.2.1", Idempotency_Key="a-key-used-more-than-once")
                for _ in range(2)]
        assert once[0].expect(201).body == once[1].expect(201).body
        occasion.claim("two@example.org", "192.0.2.1", Idempotency_Key="a-key-used-more-than-once").expect(422)
    channels = document["channels"]
    asked = set()
    for record in records_of("apart-boxoffice.commands", cluster):
        if not record["payload"]:
            continue  # a gateway has tried whether it may write
        command = json.loads(record["payload"])
        expect_to_be(record, messages_of(channels["commands"], document)[command["type"]], document)
        assert record["key"] == command["subject"]
        asked.add(command["replyto"])
    answers = set()
    replied = []
    for record in records_of("apart-boxoffice.replies", cluster):
        if not record["payload"]:
            continue  # a processor has asked for the time
        reply = json.loads(record["payload"])
        expect_to_be(record, messages_of(channels["replies"], document)[f"boxoffice.reply.{reply['answer']}"], document)
        answers.add(reply["answer"])
        replied.append(record["key"])
    assert sorted(replied) == sorted(asked)
    assert {"decided", "repeated", "key_reused"} <= answers


def test_topics_are_those_of_the_page(cluster, on_kafka):
    listed = json.loads(run("kcat -b $BROKERS -L -J", cluster))["topics"]
    topics = {each["topic"] for each in listed if each["topic"].startswith("boxoffice.")}
    page = (ROOT / "docs/topics.md").read_text()
    of_events = re.findall(r"^\| .*?`(boxoffice\.\w+)`", page, re.M)
    [others] = re.findall(r"^(.*) are no topics of events", page, re.M)
    assert topics == {*of_events, *re.findall(r"`(boxoffice\.\w+)`", others)}


def test_topics_are_kept_as_the_asyncapi_document_says(cluster, on_kafka, document):
    """As the broker has it."""
    channels = {each["address"]: each for each in document["channels"].values()}
    for topic, channel in channels.items():
        found = json.loads(run(f"{PYTHON} -c '{DESCRIBE}' $BROKERS {topic}", cluster))
        for name, value in channel["bindings"]["kafka"]["topicConfiguration"].items():
            assert found[name] == (",".join(value) if isinstance(value, list) else str(value)), (topic, name)
