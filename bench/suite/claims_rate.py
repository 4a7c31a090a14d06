"""Durable claims over HTTP, 64 connections, against a bare Beast server that answers a POST with a
body of the same size."""

from .server import Product, answer_sizes, bare
from .setting import Figure, discard, expect_status

CAPACITY = 40_000_000


def measure(bench):
    directory = bench.directory("claims-rate")
    (directory / "bare").mkdir()
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(CAPACITY)
            body_bytes, _ = answer_sizes(product, occasion)
            with bare(bench, directory / "bare", body_bytes) as baseline:
                rate, bare_rate = bench.alternate(
                    lambda: claims(bench, product, occasion)["rate"],
                    lambda: bare_posts(bench, baseline, occasion)["rate"])
            product.await_read_models(patience_s=5)
        return [Figure("claims over HTTP vs. bare Beast POST", rate, "/s", bare_rate,
                       at_least=0.5)]
    finally:
        discard(directory)


def claims(bench, product, occasion):
    return expect_status(product.claim(bench, occasion, "--seconds", bench.seconds), 201)


def bare_posts(bench, baseline, occasion):
    return bench.load(baseline, "--seconds", bench.seconds, "claims", "--occasion", occasion)
