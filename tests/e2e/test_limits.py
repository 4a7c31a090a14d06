"""Rate limits: by IP and by key, with the headers that tell a client when to come back."""

import pytest

from boxoffice_client import await_until


@pytest.fixture
def limited(start):
    return start("--limit-ip-burst", "5", "--limit-ip-per-second", "2",
                 "--limit-key-burst", "40", "--limit-key-per-second", "2")


def test_who_is_too_fast_is_told_when_to_come_back(limited):
    client = limited.client(ip="192.0.2.1")
    answers = [client.get("/v1/occasions") for _ in range(20)]
    assert [answer.status for answer in answers[:5]] == [200] * 5
    refused = next(answer for answer in answers if answer.status != 200)
    refused.problem(429)
    assert 1 <= int(refused.headers["retry-after"]) <= 5
    for answer in [answers[0], refused]:
        assert any(name.startswith("ratelimit") for name in answer.headers), answer.headers


def test_it_heals_with_time(limited):
    client = limited.client(ip="192.0.2.2")
    while client.get("/v1/occasions").status == 200:
        pass
    await_until(lambda: client.get("/v1/occasions").status == 200, "the bucket to fill", 5)


def test_one_is_not_limited_for_another(limited):
    hasty = limited.client(ip="192.0.2.3")
    while hasty.get("/v1/occasions").status == 200:
        pass
    limited.client(ip="192.0.2.4").get("/v1/occasions").expect(200)


def test_a_key_has_a_bucket_of_its_own(limited):
    statuses = [limited.client(key=limited.admin.key).get("/v1/keys").status for _ in range(60)]
    assert statuses[:30] == [200] * 30  # each from an IP of its own
    assert 429 in statuses
    limited.anyone.get("/v1/occasions").expect(200)


def test_guessing_has_a_limit_of_its_own(start):
    service = start("--limit-sign-in-burst", "3", "--limit-sign-in-per-minute", "1")
    guesser = service.client(key="wrong-key", ip="192.0.2.70")
    answers = [guesser.get("/v1/keys") for _ in range(4)]
    assert [answer.status for answer in answers] == [401, 401, 401, 429]
    assert 30 < int(answers[3].headers["retry-after"]) <= 60


def test_a_path_that_there_is_not_counts(limited):
    client = limited.client(ip="192.0.2.71")
    statuses = {client.get("/v1/nothing").status for _ in range(20)}
    assert statuses == {404, 429}
    client = limited.client(ip="192.0.2.72")
    assert {client.request("PUT", "/v1/occasions").status for _ in range(20)} == {405, 429}


@pytest.fixture
def limited_devices(start):
    return start("--limit-device-burst", "5", "--limit-device-per-second", "1")


def key_of(service, role):
    body = {"name": f"a {role}", "role": role}
    return service.admin.post("/v1/keys", body).expect(201).json()["key"]


@pytest.mark.parametrize("role", ["gate", "supervisor"])
def test_a_device_has_a_bucket_of_its_own(limited_devices, role):
    device = limited_devices.client(key_of(limited_devices, role))
    answers = [device.get("/v1/occasions") for _ in range(20)]  # each from an IP of its own
    assert [answer.status for answer in answers[:5]] == [200] * 5
    refused = next(answer for answer in answers if answer.status != 200)
    refused.problem(429, "rate_limited")
    assert int(refused.headers["retry-after"]) == 1
    assert refused.headers["ratelimit-policy"] == '"device";q=5;w=5'
    assert refused.headers["ratelimit"].startswith('"device";r=0;')

    limited_devices.client(key_of(limited_devices, role)).get("/v1/occasions").expect(200)
    for _ in range(20):  # a key of another kind is no device
        limited_devices.admin.get("/v1/occasions").expect(200)
    await_until(lambda: device.get("/v1/occasions").status == 200, "the bucket to fill", 5)


def test_refused_claims_leave_no_event_and_change_nothing(limited):
    occasion = limited.occasion(50)
    answers = [occasion.claim(ip="192.0.2.5") for _ in range(12)]
    too_fast = [answer for answer in answers if answer.status == 429]
    decided = [answer for answer in answers if answer.status != 429]
    assert too_fast and decided
    assert all("boxoffice-position" not in answer.headers for answer in too_fast)
    last = decided[-1].position
    assert occasion.availability(last)["claimed"] == 1
    items = limited.admin.get(f"/v1/audit?occasion={occasion.id}&limit=500",
                              Boxoffice_At_Least=last).expect(200).json()["items"]
    assert len(items) == 2 + len(decided)  # made, opened, and each decided claim


def test_off_means_off(service):
    client = service.client(ip="192.0.2.6")
    assert {client.get("/v1/occasions").status for _ in range(300)} == {200}


def test_a_key_works_at_an_address_that_guesses(start):
    service = start()
    guesser = service.client(key="wrong-key", ip="192.0.2.77")
    statuses = [guesser.get("/v1/keys").status for _ in range(15)]
    assert statuses[0] == 401 and statuses[-1] == 429
    service.client(key=service.admin.key, ip="192.0.2.77").get("/v1/keys").expect(200)
