"""Durable claims over HTTP, 64 connections, against a bare Beast server that answers a POST with a
body of the same size; and where the time of a claim goes meanwhile."""

from .server import Product, answer_sizes, bare
from .setting import Figure, discard, expect_status, lag_figure
from .spent import Spent

CAPACITY = 40_000_000


def measure(bench):
    directory = bench.directory("claims-rate")
    (directory / "bare").mkdir()
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(CAPACITY)
            body_bytes, _ = answer_sizes(product, occasion)
            claims(bench, product, occasion)  # the first run makes files and fills caches
            before, loads_us, lags_s = Spent(product), [], []

            def product_rate():
                report = claims(bench, product, occasion)
                lags_s.append(product.read_lag_s())
                loads_us.append(report["load_cpu_us_per_request"])
                return report["rate"]

            with bare(bench, directory / "bare", body_bytes) as baseline:
                rate, bare_rate = bench.alternate(
                    product_rate, lambda: bare_posts(bench, baseline, occasion)["rate"])
            product.await_read_models(patience_s=5)
            spent = Spent(product).figures_since(before, sum(loads_us) / len(loads_us))
        return [Figure("claims over HTTP vs. bare Beast POST", rate, "/s", bare_rate,
                       at_least=0.5), lag_figure(lags_s), *spent]
    finally:
        discard(directory)


def claims(bench, product, occasion):
    return expect_status(product.claim(bench, occasion, "--seconds", bench.seconds), 201)


def bare_posts(bench, baseline, occasion):
    return expect_status(
        bench.load(baseline, "--seconds", bench.seconds, "claims", "--occasion", occasion), 201)
