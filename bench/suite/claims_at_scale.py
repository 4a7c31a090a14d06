"""Claims in an occasion of ten million tickets against claims in one of ten thousand: the same
bursts of nine thousand claims, on each in turn."""

from .server import Product
from .setting import Figure, discard, lag_figure

SMALL = 10_000
BURST = 9_000
WARM_UP_BURSTS = 3


def measure(bench):
    directory = bench.directory("claims-at-scale")
    bursts_a_round = max(4, int(bench.seconds * 2))
    lags_s = []
    try:
        with Product(bench, directory) as product:
            def burst(occasion):
                seconds = product.claim_exactly(bench, occasion, BURST)["seconds"]
                lags_s.append(product.read_lag_s())
                return seconds

            def round_of_bursts():
                """A small occasion is full after one."""
                pairs = [(burst(product.open_occasion(SMALL)), burst(large))
                         for _ in range(bursts_a_round)]
                return [bursts_a_round * BURST / sum(seconds) for seconds in zip(*pairs)]

            large = product.open_occasion(bench.tickets)
            for _ in range(WARM_UP_BURSTS):
                burst(large)
            small_rate, large_rate = bench.medians(round_of_bursts)
        return [Figure(f"claims at {bench.tickets} tickets vs. at {SMALL}", large_rate, "/s",
                       small_rate, at_least=0.9), lag_figure(lags_s)]
    finally:
        discard(directory)
