"""Durable claims over HTTP where gateway, processor, projector and broker are processes of their own
on the same machine, all claims on one occasion; and whose CPU a claim costs."""

from .kafka_deployment import OnKafka
from .setting import Figure, expect_status, lag_figure
from .spent import Steal, cpu_by_thread

CAPACITY = 40_000_000
WARM_UP_S = 20  # the broker's own code is compiled as it runs


def measure(bench):
    with OnKafka(bench, "kafka-claims") as on_kafka:
        deployment = on_kafka.deployment
        gateway = deployment.gateway
        occasion = gateway.open_occasion(CAPACITY)
        claims(bench, gateway, occasion, 512, WARM_UP_S)
        spenders = {"broker": on_kafka.broker.pid,
                    "processor": deployment.processor.process.pid,
                    "projector": deployment.projector.process.pid,
                    "gateway": gateway.process.pid}
        lags_s = []

        def run(connections):
            report = claims(bench, gateway, occasion, connections, bench.seconds)
            lags_s.append(deployment.projector.read_lag_s())
            return Run(report)

        with Steal() as steal:
            one = run(1)
            before = spent(spenders)
            some = [run(64) for _ in range(bench.rounds)]
            after_some = spent(spenders)
            many = [run(512) for _ in range(bench.rounds)]
            after_many = spent(spenders)
    return [
        Figure("1 connection, p50", one.p50_ms, "ms"),
        *of_runs(64, some, "p50_ms", 4_000, 15), *a_claim(before, after_some, some),
        *of_runs(512, many, "p99_ms", 12_000, 80), *a_claim(after_some, after_many, many),
        Figure("taken by the machine's host meanwhile", steal.percent, "%"), lag_figure(lags_s)]


class Run:
    def __init__(self, report):
        self.rate = report["rate"]
        self.sent = report["sent"]
        self.p50_ms = report["latency_us"]["p50"] / 1000
        self.p99_ms = report["latency_us"]["p99"] / 1000
        self.load_us = report["load_cpu_us_per_request"]


def claims(bench, gateway, occasion, connections, seconds):
    return expect_status(gateway.claim(bench, occasion, "--connections", connections,
                                       "--seconds", seconds), 201)


def of_runs(connections, runs, judged, rate_min, at_most_ms):
    runs = sorted(runs, key=lambda each: each.rate)
    median = runs[len(runs) // 2]
    limits = {judged: at_most_ms}
    return [Figure(f"{connections} connections", median.rate, "/s", at_least=rate_min),
            *(Figure(f"{connections} connections, {name[:3]}", getattr(median, name), "ms",
                     at_most=limits.get(name)) for name in ("p50_ms", "p99_ms"))]


def spent(spenders):
    return {name: sum(cpu_by_thread(pid).values()) for name, pid in spenders.items()}


def a_claim(before, after, runs):
    claims_made = sum(each.sent for each in runs)
    load_us = sum(each.load_us for each in runs) / len(runs)
    return [*(Figure(f"  CPU: {name}", 1e6 * (after[name] - before[name]) / claims_made, "µs/claim")
              for name in after), Figure("  CPU: the load", load_us, "µs/claim")]
