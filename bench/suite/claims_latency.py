"""The latency of claims that come at half the top rate, counted from the instant at which each was
due."""

import statistics

from .claims_rate import CAPACITY, claims
from .server import Product
from .setting import Figure, discard, expect_status


def measure(bench):
    directory = bench.directory("claims-latency")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(CAPACITY)
            top = claims(bench, product, occasion)["rate"]
            runs = [at_rate(bench, product, occasion, top / 2) for _ in range(bench.rounds)]
        return [
            Figure(f"claims at {top / 2:.0f}/s, {name}", median(runs, key) / 1000, "ms",
                   at_most=limit)
            for name, key, limit in (("p50", "p50", None), ("p99", "p99", 5),
                                     ("p99.9", "p99_9", None))]
    finally:
        discard(directory)


def at_rate(bench, product, occasion, rate):
    report = product.claim(bench, occasion, "--rate", rate, "--seconds", bench.seconds)
    return expect_status(report, 201)["latency_us"]


def median(runs, key):
    return statistics.median(run[key] for run in runs)
