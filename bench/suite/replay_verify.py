"""`replay verify` against reading the same records through the log's port and hashing them with
SHA-256, and no more. The baseline has one thread. verify shares its work between two, which is
what an auditor waits for; with one it is told beside."""

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
        two, one, hashed = bench.alternate(
            lambda: seconds(verify), lambda: seconds([*verify, "--threads", "1"]),
            lambda: seconds(hashing))
        hashed_per_s = bench.claimed / hashed
        return [Figure("replay verify, two threads, vs. reading and hashing", bench.claimed / two,
                       "claims/s", hashed_per_s, at_least=0.5),
                Figure("the same with one thread", bench.claimed / one, "claims/s", hashed_per_s)]
    finally:
        discard(directory)


def seconds(command):
    began = time.monotonic()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")
    return time.monotonic() - began
