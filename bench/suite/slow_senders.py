"""The p99 of claims with a hundred slow senders beside them against the p99 without."""

from .claims_rate import CAPACITY
from .server import Product
from .setting import Figure, discard, expect_status

RATE = 5_000


def measure(bench):
    directory = bench.directory("slow-senders")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(CAPACITY)
            p99(bench, product, occasion, 0)
            beside, alone = bench.alternate(lambda: p99(bench, product, occasion, 100),
                                            lambda: p99(bench, product, occasion, 0))
        return [Figure(f"p99 at {RATE}/s with 100 slow senders vs. without", beside, "ms", alone,
                       at_most=1.1)]
    finally:
        discard(directory)


def p99(bench, product, occasion, slow):
    report = product.claim(bench, occasion, "--rate", RATE, "--seconds", bench.seconds,
                           "--slow", slow)
    return expect_status(report, 201)["latency_us"]["p99"] / 1000
