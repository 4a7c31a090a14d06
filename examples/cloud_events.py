#!/usr/bin/env python3
"""Prints the events of a topic as they are decided.

    cloud_events.py BROKERS TOPIC

Run it again, and it goes on where it was: the group remembers. Should it be killed between printing and remembering,
it prints a few events again; who must count each once goes by the event's `id`.
"""
import sys

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from confluent_kafka import Consumer, KafkaException


def events(brokers, topic):
    consumer = Consumer({
        "bootstrap.servers": brokers,
        "group.id": "boxoffice-example",
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",  # decisions alone, nothing that was given up half way
    })
    consumer.subscribe([topic])
    try:
        while True:
            record = consumer.poll(1.0)
            if record is None:
                continue
            if record.error():
                raise KafkaException(record.error())
            yield from_kafka_event(KafkaMessage(dict(record.headers()), record.key(), record.value()))
    finally:
        consumer.close()


if __name__ == "__main__":
    try:
        for event in events(*sys.argv[1:]):
            print(event.get_time().isoformat(), event.get_id(), event.get_type(), event.get_subject(),
                  event.get_data(), flush=True)
    except KeyboardInterrupt:
        pass
