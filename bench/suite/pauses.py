"""The longest pause: what the slowest of a few evenly spaced claims takes while 50,000 others
expire within a second, and while the state is snapshotted, beyond what it takes in quiet times. One
moment of the machine's host decides what is slowest, so quiet and busy times take turns, and the
medians are compared."""

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
NO_SNAPSHOTS_MS, SNAPSHOT_EVERY_MS = 86_400_000, 500
SNAPSHOTS_MIN = 2  # while a probe runs: with fewer it measured quiet times


def measure(bench):
    return expiry(bench) + snapshots(bench)


def expiry(bench):
    directory = bench.directory("pauses-expiry")
    lags_s = []
    try:
        with Product(bench, directory) as product:
            def quiet():
                product.await_read_models()
                return probe(bench, product, occasion, PROBE_S)

            def busy():
                let_expire_together(bench, product, occasion)
                slowest = probe(bench, product, occasion, PROBE_S)
                lags_s.append(product.read_lag_s())
                expect_expired(product, occasion, len(lags_s) * EXPIRING)
                return slowest

            occasion = product.open_occasion(1_000_000)
            probe(bench, product, occasion, 1)
            with Steal() as steal:
                medians = bench.alternate(quiet, busy)
        return compared(f"{EXPIRING} expire within a second", *medians, steal, lags_s)
    finally:
        discard(directory)


def snapshots(bench):
    """By two processes in turn, on the same data: one never makes a snapshot, one all the time."""
    directory = bench.directory("pauses-snapshots")
    first, lags_s = 0, []

    def probe_anew(every_ms):
        nonlocal first
        with Product(bench, directory, "--snapshot-every-ms", every_ms) as product:
            product.first = first
            probe(bench, product, occasion, 1)
            before = written(product)
            slowest = probe(bench, product, occasion, PROBE_S)
            lags_s.append(product.read_lag_s())
            first = product.first
            return slowest, written(product) - before

    def quiet():
        slowest, snapshots = probe_anew(NO_SNAPSHOTS_MS)
        if snapshots > 0:
            raise RuntimeError(f"{snapshots} snapshots in quiet times")
        return slowest

    def busy():
        slowest, snapshots = probe_anew(SNAPSHOT_EVERY_MS)
        if snapshots < SNAPSHOTS_MIN:
            raise RuntimeError(f"{snapshots} snapshots in {PROBE_S} s")
        return slowest

    try:
        with Product(bench, directory, "--snapshot-every-ms", NO_SNAPSHOTS_MS) as product:
            occasion = product.open_occasion(bench.tickets)
            product.claim_exactly(bench, occasion, bench.claimed)
            first = product.first
        with Steal() as steal:
            medians = bench.alternate(quiet, busy)
        return compared(f"a state of {bench.claimed} claims is snapshotted", *medians, steal,
                        lags_s)
    finally:
        discard(directory)


def written(product):
    return product.metrics()["boxoffice_snapshots_total"]


def compared(while_what, quiet, busy, steal, lags_s):
    return [Figure("slowest claim in quiet times", quiet, "ms"),
            Figure(f"slowest claim while {while_what}", busy, "ms", at_most=quiet + 5,
                   note="at most 5 ms above quiet times"),
            Figure("taken by the machine's host in all", steal.percent, "%"),
            lag_figure(lags_s)]


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


def expect_expired(product, occasion, expired):
    """All that were to; what is left are probes."""
    probes = product.first - expired
    deadline = time.monotonic() + 10
    while product.availability(occasion)["claimed"] > probes:
        if time.monotonic() > deadline:
            raise RuntimeError(f"not all expired: {product.availability(occasion)}")
        time.sleep(0.02)
