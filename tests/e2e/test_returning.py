"""A log is moved away and comes back to its cluster, where the topic of commands still has all that was
decided before."""

import json
import shutil

from boxoffice_client import Service, await_until
from deployment import deciders, occasions_in_each_partition
from kafka_service import PATIENCE_S

PARTITIONS = 4


def causes(events):
    """The commands, and what armed timers."""
    return {event["causationid"] for event in events if "causationid" in event}


def test_commands_are_not_decided_again_where_a_log_comes_back(tmp_path, deployment):
    processor = deployment.processor("processor").start()
    projector = deployment.projector("projector").start()
    gateway = deployment.gateway("gateway").start()
    occasions = occasions_in_each_partition(gateway, PARTITIONS)
    for occasion in occasions:
        occasion.claimed()
    for each in [gateway, projector, processor]:
        assert each.stop() == 0
    topic = f"{deployment.prefix}boxoffice.commands"
    ends = [deployment.cluster.end_of(topic, partition) for partition in range(PARTITIONS)]

    away = Service(tmp_path / "away", "--partitions", str(PARTITIONS), "--limits", "off")
    away.data.mkdir(parents=True)
    places = [f"kafka:{deployment.cluster.brokers},{deployment.prefix}", f"embedded:{away.data}"]

    def copy(source, destination):
        processor.tool("log", "copy", "--from", source, "--to", destination)

    copy(*places)
    for name in ["master.key", "pepper.key"]:
        shutil.copy2(processor.data / name, away.data / name)
    assert away.start().stop() == 0
    copy(*reversed(places))
    before = [json.loads(line) for line in processor.history()]

    # What is older than this would have a second outcome.
    back = deployment.processor("back", "--idempotency-window-ms", "1000").start()
    await_until(lambda: deciders(back) == [PARTITIONS], "it decides all", PATIENCE_S)
    projector.start()
    gateway.start()
    for occasion in occasions:
        occasion.claimed()  # behind whatever else comes from the topic
    after = [json.loads(line) for line in back.history()]
    known = {event["id"] for event in before}
    more = [event for event in after if event["id"] not in known]
    assert not causes(more) & causes(before)
    assert back.metric("boxoffice_commands_repeated_total") == 0
    adopted = [event for event in more if event["type"] == "boxoffice.LogAdopted"]
    assert [event["subject"] for event in adopted] == ["0", "1", "2", "3"]
    assert [event["commandoffset"] for event in adopted] == [end - 1 for end in ends]
    back.expect_clean_history()
