"""Commands through Kafka, decided in transactions with an event and a reply each: through the ports of
event-log, against librdkafka alone doing the same in the quickest way that is known."""

import json
import statistics
import subprocess

from .kafka_deployment import Broker
from .setting import Figure, discard

OUTSTANDING = (1, 64, 512, 4096)


def measure(bench):
    directory = bench.directory("kafka-adapter")
    try:
        with Broker(directory / "broker") as broker:
            for way in ("raw", "adapter"):  # the broker's own code is compiled as it runs
                through(bench, way, broker, 512)
            return [figure for count in OUTSTANDING for figure in beside(bench, broker, count)]
    finally:
        discard(directory)


def beside(bench, broker, outstanding):
    reports = {"adapter": [], "raw": []}

    def rate(way):
        reports[way].append(through(bench, way, broker, outstanding))
        return reports[way][-1]["rate"]

    ours, raw = bench.alternate(lambda: rate("adapter"), lambda: rate("raw"))

    def median(way, what):
        return statistics.median(each[what] for each in reports[way])

    return [
        Figure(f"{outstanding} commands under way", ours, "/s", raw, at_least=0.7,
               note=f'{median("adapter", "commands_a_transaction"):.0f} a transaction'),
        *(Figure(f"  {name}", median("adapter", what), unit, median("raw", what))
          for name, what, unit in (("p50 until replied", "p50_ms", "ms"),
                                   ("p99 until replied", "p99_ms", "ms"),
                                   ("CPU of the client, a command", "cpu_us", "µs")))]


def through(bench, way, broker, outstanding):
    done = subprocess.run([bench.tool("boxoffice_kafka_way"), way, broker.brokers,
                           str(outstanding), str(max(1, round(bench.seconds)))],
                          capture_output=True, text=True, timeout=bench.seconds + 120)
    if done.returncode != 0:
        raise RuntimeError(f"{way}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)
