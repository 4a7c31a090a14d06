"""Claims in an occasion of ten million tickets against claims in one of ten thousand: the same
bursts of nine thousand claims, on each in turn."""

from .server import Product
from .setting import Figure, discard

SMALL = 10_000
BURST = 9_000
WARM_UP_BURSTS = 3


def measure(bench):
    directory = bench.directory("claims-at-scale")
    try:
        with Product(bench, directory) as product:
            large = product.open_occasion(bench.tickets)
            bursts = max(10, int(bench.seconds * bench.rounds * 2))
            for _ in range(WARM_UP_BURSTS):
                product.claim_exactly(bench, large, BURST)
            seconds_large = seconds_small = 0.0
            for _ in range(bursts):
                small = product.open_occasion(SMALL)
                seconds_small += product.claim_exactly(bench, small, BURST)["seconds"]
                seconds_large += product.claim_exactly(bench, large, BURST)["seconds"]
        return [Figure(f"claims at {bench.tickets} tickets vs. at {SMALL}",
                       bursts * BURST / seconds_large, "/s", bursts * BURST / seconds_small,
                       at_least=0.9)]
    finally:
        discard(directory)
