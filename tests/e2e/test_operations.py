"""What an operator looks at: health, readiness, metrics, the documents."""

import re

from boxoffice_client import await_until
from metrics_page import documented, shown


def samples(service):
    """Metric names with labels, and their values."""
    answer = service.anyone.get("/metrics").expect(200)
    assert answer.headers["content-type"].startswith("text/plain")
    found = {}
    for line in answer.body.decode().splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def test_it_is_healthy_and_ready(service):
    service.anyone.get("/healthz").expect(200)
    ready = await_until(lambda: (a := service.anyone.get("/readyz")).status == 200 and a,
                        "readiness")
    assert any(name.endswith("_ms") for name in ready.json()), ready.body  # lag, in time


def test_metrics_count_claims_and_refusals(service):
    def total(pattern):
        return sum(value for name, value in samples(service).items() if re.search(pattern, name))

    occasion = service.occasion(1)
    before = total("sold_out")
    occasion.claimed()
    for _ in range(3):
        occasion.claim().problem(409, "sold_out")
    await_until(lambda: total("sold_out") >= before + 3, "the refusals to be counted")
    assert all(re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})?", name)
               for name in samples(service))
    assert any(name.startswith("boxoffice_") for name in samples(service))


def test_metrics_tell_lag_latency_and_depth(service):
    names = " ".join(samples(service))
    for what in ["lag", "commit", "inbox|queue|depth"]:
        assert re.search(what, names), what


def test_the_document_has_every_metric_and_no_others(service):
    assert shown(service.anyone.get("/metrics").body.decode()) == documented("s")


def test_the_read_lag_is_told_by_partition(service):
    before = samples(service)
    labels = {name.removeprefix("boxoffice_partition_sequence")
              for name in before if name.startswith("boxoffice_partition_sequence{")}
    assert labels
    for metric in ["boxoffice_read_lag_seconds", "boxoffice_read_lag_events"]:
        assert {name.removeprefix(metric) for name in before if name.startswith(metric)} == labels


def test_the_sums_of_histograms_are_those_of_what_they_counted(start):
    service = start("--limits", "off")
    occasion = service.occasion(20)
    for _ in range(20):
        occasion.claimed()
    found = samples(service)
    assert found["boxoffice_batch_events_sum"] == found["boxoffice_events_total"] >= 22
    stages = 'boxoffice_stage_nanoseconds_total{stage="append"}'
    assert 0 < found["boxoffice_commit_seconds_sum"] <= found[stages] / 1e9


def test_metrics_name_nobody(service):
    service.occasion(1).claimed("metric-person@example.org")
    assert "metric-person" not in service.anyone.get("/metrics").body.decode()


def test_the_page_to_read_the_document_is_served(service):
    answer = service.anyone.get("/docs").expect(200)
    assert answer.headers["content-type"].startswith("text/html")
