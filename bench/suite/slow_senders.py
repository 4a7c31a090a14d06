"""The p99 of claims with a hundred slow senders beside them against the p99 without. Each sends a
byte every 100 ms, is cut off when its request has taken as long as a request may, and comes again:
who was let go sooner was no slow sender."""

from .claims_rate import CAPACITY
from .server import Product
from .setting import Figure, discard, expect_status, lag_figure
from .spent import Steal

RATE = 5_000
SLOW = 100
WARM_UP_S = 1
REQUEST_TIMEOUT_S = 10  # the product's default, made certain


def measure(bench):
    directory = bench.directory("slow-senders")
    lags_s = []
    try:
        with Product(bench, directory, "--request-timeout-ms", REQUEST_TIMEOUT_S * 1000) as product:
            def p99(slow):
                report = product.claim(bench, occasion, "--rate", RATE, "--warmup", WARM_UP_S,
                                       "--seconds", bench.seconds, "--slow", slow)
                lags_s.append(product.read_lag_s())
                expect_held(report, slow, WARM_UP_S + bench.seconds)
                return expect_status(report, 201)["latency_us"]["p99"] / 1000

            occasion = product.open_occasion(CAPACITY)
            p99(0)
            with Steal() as steal:
                beside, alone = bench.alternate(lambda: p99(SLOW), lambda: p99(0))
        return [Figure(f"p99 at {RATE}/s with {SLOW} slow senders vs. without", beside, "ms", alone,
                       at_most=1.1),
                Figure("taken by the machine's host meanwhile", steal.percent, "%"),
                lag_figure(lags_s)]
    finally:
        discard(directory)


def expect_held(report, slow, seconds):
    """Each was cut off no more often than time-outs fit into the run."""
    if report["slow_closed"] > slow * int(seconds / REQUEST_TIMEOUT_S):
        raise RuntimeError(f"{slow} slow senders were cut off {report['slow_closed']} times in "
                           f"{seconds} s")
