"""How long after its start the service is ready again on a log of ten million tickets, one million
of them claimed: after a clean stop, and after a kill."""

import signal

from .server import Product
from .setting import Figure, discard


def measure(bench):
    directory = bench.directory("ready-again")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(bench.tickets)
            product.claim_exactly(bench, occasion, bench.claimed)
            product.await_read_models()
        with Product(bench, directory) as product:
            after_stop = product.ready_after_s
            expect_all_there(bench, product, occasion)
            product.stop(signal.SIGKILL)
        with Product(bench, directory) as product:
            after_kill = product.ready_after_s
            expect_all_there(bench, product, occasion)
        return [Figure("ready again after a clean stop", after_stop, "s", at_most=3),
                Figure("ready again after a kill", after_kill, "s", at_most=3)]
    finally:
        discard(directory)


def expect_all_there(bench, product, occasion):
    claimed = product.availability(occasion)["claimed"]
    if claimed != bench.claimed:
        raise RuntimeError(f"{claimed} tickets are claimed after the restart, {bench.claimed} were")
