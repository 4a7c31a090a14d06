"""Rebuilding all read models from the log against RocksDB taking the same rows in unsynced
batches."""

import shutil
import signal
import statistics
import subprocess

from .server import Product
from .setting import Figure, discard


def measure(bench):
    directory = bench.directory("rebuild")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(bench.tickets)
            product.claim_exactly(bench, occasion, bench.claimed)
            product.await_read_models()
            models = product.data / "projections"
        with Product(bench, directory) as product:
            started = product.ready_after_s
            product.stop(signal.SIGTERM)
        taking = statistics.median(rocksdb_takes(bench, directory, models)
                                   for _ in range(bench.rounds))
        shutil.rmtree(models)
        with Product(bench, directory) as product:
            rebuilding = product.ready_after_s - started
        return [Figure("rebuild of all read models vs. RocksDB taking the same rows",
                       bench.claimed / rebuilding, "claims/s", bench.claimed / taking,
                       at_least=0.5,
                       note="the time to be ready again once the models' directory is gone, "
                            "less that with them")]
    finally:
        discard(directory)


def databases_below(directory):
    return [found.parent for found in directory.rglob("CURRENT")]


def rocksdb_takes(bench, directory, models):
    """Seconds."""
    copy = directory / "copy"
    command = [bench.tool("boxoffice_rocksdb_baseline"), copy, *databases_below(models)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    discard(copy)
    if done.returncode != 0:
        raise RuntimeError(f"rocksdb baseline: {done.stdout}{done.stderr}")
    return float(done.stdout.split()[0])
