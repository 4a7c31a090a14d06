"""Durable claims over HTTP against PostgreSQL's SKIP LOCKED claims, 64 clients each. PostgreSQL is
asked by pgbench over its socket: it has no HTTP to serve."""

from .claims_rate import CAPACITY, claims
from .postgres import Postgres
from .server import Product
from .setting import Figure, discard, lag_figure


def measure(bench):
    directory = bench.directory("claims-postgres")
    (directory / "postgres").mkdir()
    directory.chmod(0o755)
    try:
        with Product(bench, directory) as product, Postgres(directory / "postgres") as postgres:
            occasion = product.open_occasion(CAPACITY)
            postgres.fill()
            lags_s = []

            def product_rate():
                report = claims(bench, product, occasion)
                lags_s.append(product.read_lag_s())
                return report["rate"]

            rate, postgres_rate = bench.alternate(
                product_rate, lambda: postgres.claims_per_second(64, bench.seconds))
        return [Figure("claims over HTTP vs. PostgreSQL SKIP LOCKED", rate, "/s", postgres_rate,
                       at_least=5), lag_figure(lags_s)]
    finally:
        discard(directory)
