"""How long a machine with an empty directory takes, behind the fence, until it decides a partition
of a million claims: from the snapshot and the keys that travelled, and by reading all of history."""

import json
import signal
import statistics
import subprocess
import time

from .kafka_deployment import OnKafka
from .setting import Figure, expect_status

PARTITIONS = 16


def measure(bench):
    with OnKafka(bench, "kafka-take-over") as on_kafka:
        deployment = on_kafka.deployment
        gateway = deployment.gateway
        occasion = gateway.open_occasion(bench.tickets)
        expect_status(gateway.claim(bench, occasion, "--requests", bench.claimed, "--warmup", 0,
                                    "--connections", 512, "--seconds", 3600), 201)
        deployment.processor.stop(signal.SIGKILL)
        killed = take_over(deployment, "after-a-kill")
        stopped = [take_over(deployment, f"after-a-stop-{i}") for i in range(bench.rounds)]
        subprocess.run([bench.tool("boxoffice_forget_what_travels"), on_kafka.broker.brokers,
                        str(PARTITIONS)], check=True)
        reading_all = take_over(deployment, "without")
    handed_over = statistics.median(each.seconds for each in stopped)
    return [
        Figure("after a clean stop", handed_over, "s", at_most=2, note=stopped[0].note),
        Figure("after a kill", killed.seconds, "s", at_most=2, note=killed.note),
        Figure("after a clean stop, beside reading all", handed_over, "s",
               baseline=reading_all.seconds, note=reading_all.note)]


class TakenOver:
    """As the line `partition_taken_over` of a processor's log tells it."""

    def __init__(self, line):
        self.seconds = line["behind_fence_ms"] / 1000
        self.note = f"{line['events_read']:,} events read, {line['keys_gathered']:,} keys from runs"


def take_over(deployment, name):
    """By a processor with nothing, which is gone after it; of the partition that took longest."""
    with deployment.another_processor(name) as processor:
        found = all_taken_over(processor)
    return max(map(TakenOver, found), key=lambda each: each.seconds)


def all_taken_over(processor, patience_s=300):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        lines = map(json.loads, processor.log().split("\n")[:-1])
        found = [line for line in lines if line["event"] == "partition_taken_over"]
        if len(found) == PARTITIONS:
            return found
        time.sleep(0.05)
    raise RuntimeError(f"not all partitions were taken over: {processor.log()}")
