"""`replay verify` against reading the same records through the log's port and hashing them with
SHA-256, and no more."""

import statistics
import subprocess
import time

from .server import Product
from .setting import Figure, discard


def measure(bench):
    directory = bench.directory("replay-verify")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(bench.tickets)
            product.claim_exactly(bench, occasion, bench.claimed)
            data = product.data
        verify = [bench.boxoffice, "replay", "verify", "--data", data]
        hashing = [bench.tool("boxoffice_hash_baseline"), data]
        seconds(hashing)  # the first reads the disk
        runs = [(seconds(verify), seconds(hashing)) for _ in range(bench.rounds)]
        verified, hashed = (statistics.median(of_one) for of_one in zip(*runs))
        return [Figure("replay verify vs. reading and hashing", bench.claimed / verified,
                       "claims/s", bench.claimed / hashed, at_least=0.5)]
    finally:
        discard(directory)


def seconds(command):
    began = time.monotonic()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return time.monotonic() - began
