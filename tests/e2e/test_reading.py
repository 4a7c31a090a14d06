"""Reading what was written: positions, lists, cursors, request ids."""

import time

import pytest

UNREACHED = "{}:900000000"


def test_a_read_at_an_answers_position_sees_it(service):
    occasion = service.occasion(60)
    for number in range(1, 61):
        position = occasion.claim().expect(201).position
        assert occasion.availability(position)["claimed"] == number


def test_refusals_carry_a_position_too(service):
    occasion = service.occasion(1)
    granted = occasion.claim().expect(201).position
    refused = occasion.claim().expect(409).position
    partition, sequence = map(int, granted.split(":"))
    assert refused == f"{partition}:{sequence + 1}"
    shown = occasion.availability(refused)["position"]
    assert shown.split(":")[0] == str(partition)


def test_positions_count_within_the_occasions_partition(service):
    occasion = service.occasion(5)
    positions = [occasion.claim().position.split(":") for _ in range(5)]
    assert len({partition for partition, _ in positions}) == 1
    sequences = [int(sequence) for _, sequence in positions]
    assert sequences == sorted(set(sequences))


def test_several_positions_may_be_asked_for(service):
    first, second = service.occasion(5), service.occasion(5)
    positions = f"{first.claim().position}, {second.claim().position}"
    assert first.availability(positions)["claimed"] == 1
    assert second.availability(positions)["claimed"] == 1
    listed = service.anyone.get("/v1/occasions?limit=500", Boxoffice_At_Least=positions)
    listed.expect(200)


@pytest.mark.parametrize("malformed", ["x", "1", ":", "1:", ":5", "1:-5", "-1:5", "1:5;2:6",
                                       "99999999:1", "1:99999999999999999999999"])
def test_a_malformed_position_is_refused(service, malformed):
    service.anyone.get("/v1/occasions", Boxoffice_At_Least=malformed).problem(400)


def test_a_position_not_there_in_time_is_503(start):
    service = start("--limits", "off", "--read-wait-ms", "200")
    occasion = service.occasion(5)
    partition = occasion.claim().position.split(":")[0]
    began = time.monotonic()
    answer = service.anyone.get(f"{occasion.path}/availability",
                                Boxoffice_At_Least=UNREACHED.format(partition))
    answer.problem(503)
    assert int(answer.headers["retry-after"]) >= 1
    assert 0.15 < time.monotonic() - began < 5


def test_every_read_accepts_a_position(service):
    occasion = service.occasion(5)
    claim = occasion.claim()
    token = claim.json()["token"]
    for path in ["/v1/occasions", occasion.path, f"{occasion.path}/availability", "/v1/keys",
                 f"{occasion.path}/claims/{claim.json()['id']}?token={token}",
                 f"/v1/audit?occasion={occasion.id}"]:
        service.admin.get(path, Boxoffice_At_Least=claim.position).expect(200)
        service.admin.get(path, Boxoffice_At_Least="nonsense").problem(400)


def test_the_public_list_has_open_occasions_only(service):
    made = {state: service.occasion(1, state=state).id
            for state in ["draft", "open", "closed", "cancelled"]}
    public = {item["id"]: item for item in service.anyone.items("/v1/occasions", limit=500)}
    assert made["open"] in public
    assert {item["state"] for item in public.values()} == {"open"}
    for state, occasion_id in made.items():
        listed = service.admin.items("/v1/occasions", limit=500, state=state)
        assert occasion_id in {item["id"] for item in listed}
        assert {item["state"] for item in listed} == {state}
    service.anyone.get("/v1/occasions?state=open").expect(200)
    service.anyone.get("/v1/occasions?state=draft").problem(401)
    service.admin.get("/v1/occasions?state=ajar").problem(400)


def test_a_list_comes_in_pages(service):
    made = {service.occasion(1).id for _ in range(7)}
    seen = [item["id"] for item in service.anyone.items("/v1/occasions", limit=2)]
    assert len(seen) == len(set(seen))
    assert made <= set(seen)
    assert seen == [item["id"] for item in service.anyone.items("/v1/occasions", limit=500)]


def test_a_cursor_stays_good(start):
    """While things are added, and over a crash."""
    service = start("--limits", "off")
    occasion = service.occasion(100)
    for _ in range(10):
        occasion.claimed()
    path = f"/v1/audit?occasion={occasion.id}&limit=5"
    first = service.admin.get(path, Boxoffice_At_Least=occasion.position).expect(200).json()
    whole = [item["id"] for item in service.admin.items("/v1/audit", occasion=occasion.id)]
    last = occasion.claim()
    service.restart_after_kill()
    rest = service.admin.items("/v1/audit", occasion=occasion.id, limit=500)
    second = service.admin.get(f"{path}&after={first['next']}",
                               Boxoffice_At_Least=last.position).expect(200).json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert ids == whole[:10]
    assert [item["id"] for item in rest][:len(whole)] == whole


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=-1", "limit=x", "limit=",
                                   "after=!!", "after=nonsense", "limit=1&limit=2x"])
def test_a_bad_page_is_refused(service, query):
    service.anyone.get(f"/v1/occasions?{query}").problem(400)


def test_answers_name_the_request(service):
    asked = service.anyone.get("/v1/occasions", X_Request_Id="my-request-1")
    assert asked.headers["x-request-id"] == "my-request-1"
    assert service.anyone.get("/v1/occasions").headers["x-request-id"]
