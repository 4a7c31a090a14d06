"""Memory of a free and of a claimed ticket: the slope of the resident set. Of claims it is taken
after a restart too, where the state is all that is left and no buffer of the read models weighs on
it."""

from .server import Product
from .setting import Figure, discard


def measure(bench):
    directory = bench.directory("memory")
    fifth = bench.claimed // 5
    try:
        with Product(bench, directory) as product:
            product.open_occasion(1000)
            before = product.resident_bytes()
            occasion = product.open_occasion(bench.tickets)
            product.open_occasion(bench.tickets)
            free = (product.resident_bytes() - before) / (2 * bench.tickets)
            product.claim_exactly(bench, occasion, fifth)
            product.await_read_models()
            running_small = product.resident_bytes()
            first = product.first
        with Product(bench, directory) as product:
            restarted_small = product.resident_bytes()
            product.first = first
            product.claim_exactly(bench, occasion, bench.claimed - fifth)
            product.await_read_models()
            running_large = product.resident_bytes()
        with Product(bench, directory) as product:
            restarted_large = product.resident_bytes()
        more = bench.claimed - fifth
        return [
            Figure("memory of a free ticket", free, "bytes", at_most=8),
            Figure("memory of a claimed ticket, after a restart",
                   (restarted_large - restarted_small) / more, "bytes", at_most=100),
            Figure("memory of a claim while running, read models included",
                   (running_large - running_small) / more, "bytes"),
        ]
    finally:
        discard(directory)
