"""The longest pause: what the slowest of a few evenly spaced claims takes while 50,000 others
expire within a second, and while the state is snapshotted, beyond what it takes in quiet times."""

import threading
import time

from .server import Product
from .setting import Figure, discard, expect_status, lag_figure
from .spent import Steal

EXPIRING = 50_000
WAVE_S = 0.9
EXPIRY_AFTER_S = 25
PROBES_PER_SECOND = 500
PROBE_S = 5
SNAPSHOT_EVERY_MS = 500


def measure(bench):
    return expiry(bench) + snapshots(bench)


def expiry(bench):
    directory = bench.directory("pauses-expiry")
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(1_000_000)
            probe(bench, product, occasion, 1)
            quiet = probe(bench, product, occasion, PROBE_S)
            let_expire_together(bench, product, occasion)
            with Steal() as steal:
                during = probe(bench, product, occasion, PROBE_S)
            lag_s = product.read_lag_s()
            expect_expired(product, occasion)
        return compared(f"{EXPIRING} expire within a second", quiet, during, steal, lag_s)
    finally:
        discard(directory)


def snapshots(bench):
    directory = bench.directory("pauses-snapshots")
    try:
        with Product(bench, directory, "--snapshot-every-ms", 86_400_000) as product:
            occasion = product.open_occasion(bench.tickets)
            product.claim_exactly(bench, occasion, bench.claimed)
            product.await_read_models()
            quiet = probe(bench, product, occasion, PROBE_S)
            first = product.first
        with Product(bench, directory, "--snapshot-every-ms", SNAPSHOT_EVERY_MS) as product:
            product.first = first
            probe(bench, product, occasion, 1)
            with Steal() as steal:
                during = probe(bench, product, occasion, PROBE_S)
            lag_s = product.read_lag_s()
        return compared(f"a state of {bench.claimed} claims is snapshotted", quiet, during, steal,
                        lag_s)
    finally:
        discard(directory)


def compared(while_what, quiet, during, steal, lag_s):
    return [Figure("slowest claim in quiet times", quiet, "ms"),
            Figure(f"slowest claim while {while_what}", during, "ms", at_most=quiet + 5,
                   note="at most 5 ms above quiet times"),
            Figure("taken by the machine's host meanwhile", steal.percent, "%"),
            lag_figure([lag_s])]


def probe(bench, product, occasion, seconds):
    """Milliseconds of the slowest of claims that come at an even, low rate."""
    report = product.claim(bench, occasion, "--rate", PROBES_PER_SECOND, "--connections", 16,
                           "--warmup", 0, "--seconds", seconds)
    return expect_status(report, 201)["latency_us"]["max"] / 1000


def let_expire_together(bench, product, occasion):
    """Claims in waves of less than a second, each with as long to live as is left until one common
    instant; returns shortly before it."""
    ends_at = time.monotonic() + EXPIRY_AFTER_S
    remaining = EXPIRING
    while remaining > 0:
        left_s = ends_at - time.monotonic()
        if left_s < 3 * WAVE_S:
            raise RuntimeError(f"too slow: {remaining} claims still to be made")
        product.request("PATCH", f"/v1/occasions/{occasion}",
                        {"claims": {"ttl_ms": int(left_s * 1000)}})
        report = product.claim(bench, occasion, "--requests", remaining, "--warmup", 0,
                               "--seconds", WAVE_S)
        remaining -= report["sent"]
    product.request("PATCH", f"/v1/occasions/{occasion}", {"claims": {"ttl_ms": 86_400_000}})
    threading.Event().wait(max(0.0, ends_at - time.monotonic() - 1))


def expect_expired(product, occasion):
    probes = product.first - EXPIRING
    deadline = time.monotonic() + 10
    while product.availability(occasion)["claimed"] > probes:
        if time.monotonic() > deadline:
            raise RuntimeError(f"not all expired: {product.availability(occasion)}")
        time.sleep(0.02)
