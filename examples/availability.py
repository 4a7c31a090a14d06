#!/usr/bin/env python3
"""The availability of an occasion, folded from the topics.

    availability.py BROKERS OCCASION [PREFIX]

All that concerns an occasion is in one partition, the same one in each topic. There `sequence` numbers the events
1, 2, 3 … over all topics, so merging the topics by it gives the order in which was decided.
"""
import heapq
import itertools
import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

TOPICS = ["occasions", "claims", "requests", "allocations", "tickets", "scans", "accounts", "deliveries", "audit"]


def events(brokers, topic, partitions=None):
    """What is there of these partitions, or of all; each partition's events are in order."""
    consumer = Consumer({
        "bootstrap.servers": brokers,
        "group.id": "none",  # must be set; nothing is committed
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "fetch.wait.max.ms": 10,
    })
    try:
        known = consumer.list_topics(topic, timeout=30).topics[topic]
        if known.error:
            raise KafkaException(known.error)
        open_ones = set(partitions or known.partitions)
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in open_ones])
        while open_ones:
            record = consumer.poll(1.0)
            if record is None:
                continue
            if not record.error():
                yield json.loads(record.value())
            elif record.error().code() == KafkaError._PARTITION_EOF:
                open_ones.discard(record.partition())
            else:
                raise KafkaException(record.error())
    finally:
        consumer.close()


def sequence(event):
    return int(event["sequence"])


def partition_of(event):
    return int(event["id"].split("-")[0])


def in_order(brokers, prefix, partition):
    """The events of a partition, up to the first that is missing: it was decided while this was read."""
    topics = [events(brokers, f"{prefix}boxoffice.{topic}", [partition]) for topic in TOPICS]
    for expected, event in zip(itertools.count(1), heapq.merge(*topics, key=sequence)):
        if sequence(event) != expected:
            return
        yield event


class Availability:
    def __init__(self):
        self.pools, self.position = [], None

    def apply(self, event):
        kind, data = event["type"].removeprefix("boxoffice."), event["data"]
        self.position = f"{partition_of(event)}:{sequence(event)}"
        match kind:
            case "OccasionCreated" | "OccasionChanged" | "OccasionOpened" | "OccasionClosed" | "OccasionCancelled":
                self.resize(data["details"]["pools"])
            case "TicketClaimed":
                self.pool_of(data)["claimed"] += 1
            case "ClaimConfirmed" if not data["repeated"]:
                self.pool_of(data)["claimed"] -= 1
                self.pool_of(data)["issued"] += 1
            case "ClaimReleased":
                self.pool_of(data)["claimed" if data["was"] == "held" else "issued"] -= 1
            case "ClaimExpired":
                self.pool_of(data)["claimed"] -= 1
                self.pool_of(data)["burned"] += data["became"] == "burned"

    def resize(self, pools):
        """Pools are resized and added, never renamed."""
        new = [{"claimed": 0, "issued": 0, "admitted": 0, "burned": 0} for _ in pools[len(self.pools):]]
        self.pools = [had | pool for had, pool in zip(self.pools + new, pools)]

    def pool_of(self, data):
        return next(pool for pool in self.pools if pool["name"] == data["pool"])

    def answer(self):
        for pool in self.pools:
            pool["free"] = pool["capacity"] - pool["claimed"] - pool["issued"] - pool["burned"]
        counts = ["capacity", "free", "claimed", "issued", "admitted", "burned"]
        total = {count: sum(pool[count] for pool in self.pools) for count in counts}
        return total | {"pools": self.pools, "position": self.position}


def main(brokers, occasion, prefix=""):
    made = (event for event in events(brokers, f"{prefix}boxoffice.occasions") if event["subject"] == occasion)
    first = next(made, None)
    if first is None:
        sys.exit(f"no event tells of an occasion {occasion}")
    availability = Availability()
    for event in in_order(brokers, prefix, partition_of(first)):
        if event["subject"] == occasion:
            availability.apply(event)
    print(json.dumps(availability.answer(), ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
