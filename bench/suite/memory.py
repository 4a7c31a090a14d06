"""Memory of a free and of a claimed ticket: the slope of the resident set, between two histories
of which one is twice as long. Both are so long that all that is bounded is full: the idempotency
keys in memory, RocksDB's caches and memtables; and both fill tables that grow by doubling to the
same degree. Of claims it is taken after a restart too, where the state is what is left."""

from .server import Product
from .setting import Figure, discard

# More keys than that are not held in memory after a restart (DiskKeysSettings).
KEYS_IN_MEMORY = 6 * 3 * (1 << 18) // 4


def measure(bench):
    directory = bench.directory("memory")
    claimed = max(bench.claimed, KEYS_IN_MEMORY + 20_000)
    try:
        with Product(bench, directory) as product:
            product.open_occasion(1000)
            before = product.resident_bytes()
            occasion = product.open_occasion(bench.tickets)
            product.open_occasion(bench.tickets)
            free = (product.resident_bytes() - before) / (2 * bench.tickets)
            product.claim_exactly(bench, occasion, claimed)
            product.await_read_models()
            running_once = product.resident_bytes()
            first = product.first
        with Product(bench, directory) as product:
            restarted_once = product.resident_bytes()
            product.first = first
            product.claim_exactly(bench, occasion, claimed)
            product.await_read_models()
            running_twice = product.resident_bytes()
        with Product(bench, directory) as product:
            restarted_twice = product.resident_bytes()
        return [
            Figure("memory of a free ticket", free, "bytes", at_most=8),
            Figure("memory of a claimed ticket, after a restart",
                   (restarted_twice - restarted_once) / claimed, "bytes", at_most=100,
                   note=f"from {claimed:,} claims, {restarted_once / 1e6:.0f} MB in all, "
                        f"to twice as many, {restarted_twice / 1e6:.0f} MB"),
            Figure("memory of a claim while running, read models included",
                   (running_twice - running_once) / claimed, "bytes",
                   note=f"{running_once / 1e6:.0f} MB and {running_twice / 1e6:.0f} MB in all"),
        ]
    finally:
        discard(directory)
