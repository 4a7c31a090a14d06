"""GET availability against a bare Beast server that answers a GET with a body of the same size."""

from .server import Product, answer_sizes, bare
from .setting import Figure, discard, expect_status


def measure(bench):
    directory = bench.directory("availability")
    (directory / "bare").mkdir()
    try:
        with Product(bench, directory) as product:
            occasion = product.open_occasion(10_000)
            _, body_bytes = answer_sizes(product, occasion)
            with bare(bench, directory / "bare", body_bytes) as baseline:
                rate, bare_rate = bench.alternate(
                    lambda: gets(bench, product, occasion), lambda: gets(bench, baseline, occasion))
        return [Figure("GET availability vs. bare Beast GET", rate, "/s", bare_rate,
                       at_least=0.85)]
    finally:
        discard(directory)


def gets(bench, server, occasion):
    report = bench.load(server, "--seconds", bench.seconds, "availability", "--occasion", occasion)
    return expect_status(report, 200)["rate"]
