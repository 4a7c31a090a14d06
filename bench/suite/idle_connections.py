"""What ten thousand idle connections weigh: each asked once and then keeps still."""

import pathlib

from .server import Product
from .setting import Figure, discard

CONNECTIONS = 10_000


def measure(bench):
    directory = bench.directory("idle-connections")
    try:
        with Product(bench, directory) as product:
            bench.load(product, "--seconds", 1, "get", "--path", "/healthz")
            before = product.resident_bytes()
            report, held = hold(bench, product)
        if report["idle_closed"]:
            raise RuntimeError(f"{report['idle_closed']} idle connections were cut")
        return [Figure(f"resident with {CONNECTIONS} idle connections", held / 1e6, "MB",
                       at_most=500, note=f"{(held - before) / CONNECTIONS:.0f} bytes a connection")]
    finally:
        discard(directory)


def hold(bench, product):
    """Holds them while a probe runs; the load's report, and the most bytes that were resident
    meanwhile."""
    clear = pathlib.Path(f"/proc/{product.process.pid}/clear_refs")
    clear.write_text("5")  # the peak starts anew (proc(5))
    report = bench.load(product, "--seconds", 3, "--rate", 100, "--connections", 4,
                        "--idle", CONNECTIONS, "get", "--path", "/healthz")
    status = pathlib.Path(f"/proc/{product.process.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return report, int(peak.split()[1]) * 1024
