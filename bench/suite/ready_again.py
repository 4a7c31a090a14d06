"""How long after its start the service is ready again on a log of ten million tickets, one million
of them claimed: after a kill with the last answer, when snapshot, saved keys and read models are
all behind, and after a clean stop. Each once: a second start would find what the first one left."""

import signal

from .server import Product
from .setting import Figure, discard


def measure(bench):
    directory = bench.directory("ready-again")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(bench.tickets)
            product.claim_exactly(bench, occasion, bench.claimed)
            product.stop(signal.SIGKILL)
        after_kill = started_again(bench, directory, occasion)
        after_stop = started_again(bench, directory, occasion)
        return [Figure("ready again after a kill with the last answer", after_kill, "s", at_most=3),
                Figure("ready again after a clean stop", after_stop, "s", at_most=3)]
    finally:
        discard(directory)


def started_again(bench, directory, occasion):
    """Seconds until it was ready; then it is stopped in order."""
    with Product(bench, directory) as product:
        claimed = product.availability(occasion)["claimed"]
        if claimed != bench.claimed:
            raise RuntimeError(f"{claimed} tickets are claimed now, {bench.claimed} were")
        return product.ready_after_s
