"""Making all read models again from the log against RocksDB taking the same rows in unsynced
batches. What is rebuilding of a start is told by a start that finds the models."""

import shutil
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
        without, started, taking = bench.alternate(
            lambda: started_without(bench, directory, models), lambda: start(bench, directory),
            lambda: rocksdb_takes(bench, directory, models))
        return [Figure("rebuild of all read models vs. RocksDB taking the same rows",
                       bench.claimed / (without - started), "claims/s", bench.claimed / taking,
                       at_least=0.5,
                       note="the time to be ready again once the models' directory is gone, "
                            "less that with them")]
    finally:
        discard(directory)


def start(bench, directory):
    """Seconds until it was ready."""
    with Product(bench, directory) as product:
        return product.ready_after_s


def started_without(bench, directory, models):
    shutil.rmtree(models)
    return start(bench, directory)


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
