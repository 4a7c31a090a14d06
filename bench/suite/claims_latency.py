"""The latency of claims that come at half the top rate, counted from the instant at which each was
due. The p99 of a usual second is told beside that of the whole run, and what the machine's host
took meanwhile: on a virtual machine a stall need not be ours."""

import statistics

from .claims_rate import CAPACITY, claims
from .server import Product
from .setting import Figure, discard, expect_status, lag_figure
from .spent import Steal


def measure(bench):
    directory = bench.directory("claims-latency")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(CAPACITY)
            rate = claims(bench, product, occasion)["rate"] / 2
            product.await_read_models()
            runs, lags_s = [], []
            with Steal() as steal:
                for _ in range(bench.rounds):
                    runs.append(at_rate(bench, product, occasion, rate))
                    lags_s.append(product.read_lag_s())
        seconds = [p99 for run in runs for p99 in run["p99_by_second"]]
        return [
            *(Figure(f"claims at {rate:.0f}/s, {name}", median(runs, key) / 1000, "ms",
                     at_most=limit)
              for name, key, limit in (("p50", "p50", None), ("p99", "p99", 5),
                                       ("p99.9", "p99_9", None), ("slowest", "max", None))),
            Figure("p99 of a second, median of all", statistics.median(seconds) / 1000, "ms",
                   note=f"of {len(seconds)} seconds {sum(p99 > 5000 for p99 in seconds)} above 5 ms"),
            Figure("taken by the machine's host meanwhile", steal.percent, "%"),
            lag_figure(lags_s)]
    finally:
        discard(directory)


def at_rate(bench, product, occasion, rate):
    report = product.claim(bench, occasion, "--rate", rate, "--seconds", bench.seconds)
    return expect_status(report, 201)["latency_us"]


def median(runs, key):
    return statistics.median(run[key] for run in runs)
