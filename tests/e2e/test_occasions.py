"""Occasions: made, shown, changed, opened, closed and cancelled."""

import datetime

import pytest

from boxoffice_client import at_once, instant

DEFAULTS = {
    "time_zone": "UTC", "venue": "", "notes": "",
    "totp": {"algorithm": "SHA1", "digits": 6, "period_s": 30, "window": 1},
    "admission": {"reentry": False, "opens_at": None, "closes_at": None, "undo_window_ms": 900000},
}


def test_a_new_occasion_is_a_draft_with_the_defaults(service):
    made = service.occasion(200, state="draft").created
    body = made.json()
    assert made.headers["location"].endswith(f"/v1/occasions/{body['id']}")
    assert body["state"] == "draft"
    assert body["name"] == "Winter Gala"
    assert body["starts_at"] == "2030-01-16T19:00:00.000Z"
    assert body["pools"] == [{"name": "main", "capacity": 200}]
    assert body["claims"] == {"ttl_ms": 300000, "on_expiry": "return", "one_per_email": True,
                              "one_per_ip": True, "verify_email": False}
    for field, preset in DEFAULTS.items():
        assert body[field] == preset, field
    assert body["codes"] == {"length": 3, "alphabet": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def test_the_shortest_codes_that_leave_ten_for_each_ticket_are_chosen(service):
    for capacity, length in [(1757, 3), (1758, 4), (45697, 4), (45698, 5)]:
        assert service.occasion(capacity, state="draft").created.json()["codes"]["length"] == length


def test_all_that_is_given_is_shown(service):
    given = {
        "name": "Café «Zürich» 🎟", "starts_at": "2031-05-01T18:30:00.250Z",
        "time_zone": "Europe/Berlin", "venue": "Town Hall", "notes": "Line one\nline \"two\"",
        "pools": [{"name": "floor", "capacity": 7}, {"name": "balcony", "capacity": 3}],
        "claims": {"ttl_ms": 1000, "on_expiry": "burn", "one_per_email": False,
                   "one_per_ip": False, "verify_email": False},
        "requests": {"largest": 4, "offer_ttl_ms": 1000, "public_source": None,
                     "unfinalize_window_ms": 0},
        "codes": {"length": 6, "alphabet": "ABCDEF"},
        "totp": {"algorithm": "SHA256", "digits": 8, "period_s": 60, "window": 2},
        "admission": {"reentry": True, "opens_at": "2031-05-01T17:00:00.000Z",
                      "closes_at": "2031-05-02T01:00:00.000Z", "undo_window_ms": 0},
    }
    made = service.admin.post("/v1/occasions", given).expect(201)
    for body in [made.json(), service.admin.get(f"/v1/occasions/{made.json()['id']}").json()]:
        for field, value in given.items():
            assert body[field] == value, field


@pytest.mark.parametrize("written", ["2031-05-01T18:30:00Z", "2031-05-01T18:30:00.0Z",
                                     "2031-05-01T18:30:00.000000Z", "2031-05-01T20:30:00+02:00"])
def test_times_are_taken_in_every_form_and_shown_in_one(service, written):
    shown = "2031-05-01T18:30:00.000Z"
    occasion = service.occasion(5, state="draft", starts_at=written)
    assert occasion.created.json()["starts_at"] == shown
    service.admin.patch(occasion.path, {"admission": {"opens_at": written}}).expect(200)
    assert service.admin.get(occasion.path).json()["admission"]["opens_at"] == shown


def test_claims_and_requests_left_out_are_off(service):
    body = service.admin.post("/v1/occasions", {
        "name": "Neither", "starts_at": "2030-01-16T19:00:00.000Z",
        "pools": [{"name": "main", "capacity": 1}]}).expect(201).json()
    assert body.get("claims") is None
    assert body.get("requests") is None


def test_it_goes_from_draft_to_open_to_closed(service):
    occasion = service.occasion(1, state="draft")
    assert occasion.step("open").expect(200).json()["state"] == "open"
    occasion.claimed()
    closed = occasion.step("close").expect(200)
    assert closed.json()["state"] == "closed"
    assert occasion.get(Boxoffice_At_Least=closed.position).json()["state"] == "closed"
    occasion.claim().problem(409, "closed")


def test_a_step_that_makes_no_sense_is_refused(service):
    draft = service.occasion(1, state="draft")
    draft.step("close").problem(409)
    opened = service.occasion(1)
    opened.step("open").problem(409)
    cancelled = service.occasion(1, state="cancelled")
    for step in ["open", "close", "cancel"]:
        cancelled.step(step).problem(409)
    cancelled.change({"name": "Another"}).problem(409)


def test_a_draft_can_be_cancelled_and_so_can_an_open_one(service):
    for state in ["draft", "open", "closed"]:
        occasion = service.occasion(1, state=state)
        assert occasion.step("cancel").expect(200).json()["state"] == "cancelled"


def test_an_unknown_occasion_is_404(service):
    path = "/v1/occasions/AAAAAAAAAAAAAAAAAAAAAA"
    service.admin.get(path).problem(404)
    service.anyone.get(f"{path}/availability").problem(404)
    service.admin.patch(path, {"name": "x"}).problem(404, "unknown_occasion")
    service.admin.post(f"{path}/open").problem(404, "unknown_occasion")


def test_a_change_merges(service):
    occasion = service.occasion(10, state="draft", venue="Town Hall")
    answer = occasion.change({"name": "Spring Gala", "claims": {"ttl_ms": 1000}}).expect(200)
    for body in [answer.json(), occasion.get(Boxoffice_At_Least=answer.position).json()]:
        assert body["name"] == "Spring Gala"
        assert body["venue"] == "Town Hall"
        assert body["claims"]["ttl_ms"] == 1000
        assert body["claims"]["on_expiry"] == "return"


def test_null_switches_a_way_in_off(service):
    occasion = service.occasion(10)
    occasion.change({"claims": None}).expect(200)
    occasion.claim().problem(409)
    occasion.change({"claims": {}}).expect(200)
    occasion.claimed()


def test_null_brings_a_default_back(service):
    occasion = service.occasion(1758, state="draft", venue="Town Hall", time_zone="Europe/Berlin",
                                claims={"ttl_ms": 1000, "on_expiry": "burn"},
                                codes={"length": 9, "alphabet": "ABCDEF"}, totp={"digits": 8},
                                admission={"opens_at": "2030-01-16T18:00:00.000Z"})
    body = occasion.change({"venue": None, "time_zone": None, "claims": {"ttl_ms": None},
                            "codes": None, "totp": {"digits": None},
                            "admission": {"opens_at": None}}).expect(200).json()
    assert (body["venue"], body["time_zone"]) == ("", "UTC")
    assert (body["claims"]["ttl_ms"], body["claims"]["on_expiry"]) == (300000, "burn")
    assert body["codes"] == {"length": 4, "alphabet": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    assert (body["totp"], body["admission"]) == (DEFAULTS["totp"], DEFAULTS["admission"])


def test_null_is_refused_where_there_is_no_default(service):
    occasion = service.occasion(1)
    for member in ["name", "starts_at", "pools"]:
        occasion.change({member: None}).problem(400, field=f"/{member}")


def test_a_time_zone_is_one_of_the_database(service):
    occasion = service.occasion(1, time_zone="Pacific/Auckland")
    assert occasion.created.json()["time_zone"] == "Pacific/Auckland"
    for wrong in ["Europe/Atlantis", "berlin", "../../etc/passwd"]:
        service.admin.post("/v1/occasions", {
            "name": "Nowhere", "starts_at": "2030-01-16T19:00:00.000Z", "time_zone": wrong,
            "pools": [{"name": "main", "capacity": 1}]}).problem(400, "bad_time_zone", "/time_zone")
        occasion.change({"time_zone": wrong}).problem(400, "bad_time_zone", "/time_zone")


def test_what_does_not_fit_says_which_field(service):
    occasion = service.occasion(1, admission={"opens_at": "2030-01-16T18:00:00.000Z"})
    answer = occasion.change({"admission": {"closes_at": "2030-01-16T17:00:00.000Z"}})
    answer.problem(409, "does_not_fit", "/admission/closes_at")
    assert answer.position
    occasion.change({"codes": {"alphabet": "ABCA"}}).problem(400, field="/codes/alphabet")


def test_a_change_holds_for_claims_made_after_it(service):
    occasion = service.occasion(10, claims={"ttl_ms": 600_000})
    before = occasion.claimed()
    occasion.change({"claims": {"ttl_ms": 3_600_000}}).expect(200)
    after = occasion.claimed()
    later = instant(after["expires_at"]) - instant(before["expires_at"])
    assert datetime.timedelta(minutes=50) <= later < datetime.timedelta(minutes=55)
    assert occasion.shown(before).json()["expires_at"] == before["expires_at"]


def test_only_who_saw_the_last_state_may_change_it(service):
    occasion = service.occasion(10)
    etag = occasion.get().headers["etag"]
    assert etag.startswith('"') and etag.endswith('"')
    changed = occasion.change({"name": "First"}, If_Match=etag).expect(200)
    assert changed.headers["etag"] != etag
    occasion.change({"name": "Second"}, If_Match=etag).problem(412)
    after = occasion.get(Boxoffice_At_Least=changed.position)
    assert after.json()["name"] == "First"
    assert after.headers["etag"] == changed.headers["etag"]
    occasion.change({"name": "Third"}, If_Match=after.headers["etag"]).expect(200)


def test_a_condition_is_a_list_compared_strongly(service):
    occasion = service.occasion(10)
    etag = occasion.get().headers["etag"]
    for failing in [f"W/{etag}", '"1"', '"nonsense"', f'"1", W/{etag}']:
        refused = occasion.change({"name": "Weak"}, If_Match=failing)
        refused.problem(412, "precondition_failed")
        assert refused.position
    for malformed in ["1", etag[:-1], f"{etag} {etag}", f"*, {etag}"]:
        occasion.change({"name": "Malformed"}, If_Match=malformed).problem(400, "bad_condition")
    first = occasion.change({"name": "First"}, If_Match=f'"1", "nonsense", {etag}').expect(200)
    occasion.change({"name": "Second"}, If_Match=f'{first.headers["etag"]},"999999"').expect(200)
    assert occasion.change({"name": "Third"}, If_Match="*").expect(200).json()["name"] == "Third"
    occasion.step("close", If_Match=f"W/{etag}").problem(412)


def test_a_read_is_spared_who_has_it(service):
    occasion = service.occasion(10)
    etag = occasion.get().headers["etag"]
    for has in [etag, f"W/{etag}", f'"a,b", W/{etag}', "*"]:
        same = occasion.get(If_None_Match=has).expect(304)
        assert same.body == b"" and same.headers["etag"] == etag
    for lacks in ['"1"', "nonsense", f"{etag[:-1]}0\""]:
        occasion.get(If_None_Match=lacks).expect(200)


def test_of_two_simultaneous_changes_one_wins(service):
    occasion = service.occasion(10)
    etag = occasion.get().headers["etag"]
    answers = at_once([lambda n=n: occasion.change({"name": f"Name {n}"}, If_Match=etag)
                       for n in range(8)])
    assert sorted(answer.status for answer in answers) == [200] + [412] * 7


def test_capacity_grows(service):
    occasion = service.occasion(1)
    occasion.claimed()
    occasion.claim().problem(409, "sold_out")
    grown = occasion.change({"pools": [{"name": "main", "capacity": 3}]}).expect(200)
    assert occasion.availability(grown.position)["capacity"] == 3
    assert [occasion.claimed()["ticket"]["number"] for _ in range(2)] == [2, 3]
    occasion.claim().problem(409, "sold_out")


def test_capacity_shrinks_down_to_what_is_committed(service):
    occasion = service.occasion(10)
    claims = [occasion.claimed() for _ in range(3)]
    occasion.change({"pools": [{"name": "main", "capacity": 2}]}).problem(409, "below_committed")
    shrunk = occasion.change({"pools": [{"name": "main", "capacity": 3}]}).expect(200)
    counts = occasion.availability(shrunk.position)
    assert (counts["capacity"], counts["free"], counts["claimed"]) == (3, 0, 3)
    occasion.claim().problem(409, "sold_out")
    occasion.release(claims[0]).expect(200)
    assert occasion.claimed()["ticket"] == claims[0]["ticket"]


def test_shrinking_keeps_tickets_of_high_numbers(service):
    """Numbers 1 and 2 came back; the holder of 3 keeps it though the pool has room for one only."""
    occasion = service.occasion(10)
    claims = [occasion.claimed() for _ in range(3)]
    occasion.release(claims[0]).expect(200)
    occasion.release(claims[1]).expect(200)
    answer = occasion.change({"pools": [{"name": "main", "capacity": 1}]})
    counts = occasion.availability(answer.position)
    assert occasion.shown(claims[2]).json()["state"] == "held"
    assert counts["claimed"] == 1
    if answer.status == 200:
        occasion.claim().problem(409, "sold_out")


@pytest.mark.parametrize("length", [1, 2])
def test_codes_too_short_for_the_capacity_are_refused(service, length):
    answer = service.admin.post("/v1/occasions", {
        "name": "Short", "starts_at": "2030-01-16T19:00:00.000Z",
        "pools": [{"name": "main", "capacity": 1000}], "codes": {"length": length}})
    answer.problem(409, "codes_exhausted", "/codes/length")
    audit = service.admin.get("/v1/audit?type=OccasionCreationRefused&limit=500",
                              Boxoffice_At_Least=answer.position).expect(200).json()["items"]
    partition, sequence = answer.position.split(":")
    [event] = [item for item in audit if item["id"] == f"{partition}-{sequence}"]
    assert event["data"]["refusal"] == "codes_exhausted"


def test_availability_adds_up_through_a_life(service):
    occasion = service.occasion(3, 2)
    assert occasion.availability()["free"] == 5
    claims = [occasion.claim() for _ in range(4)]
    first, second = claims[0].json(), claims[1].json()
    counts = occasion.availability(claims[-1].position)
    assert (counts["free"], counts["claimed"], counts["issued"]) == (1, 4, 0)
    confirmed = occasion.confirm(first).expect(200)
    counts = occasion.availability(confirmed.position)
    assert (counts["free"], counts["claimed"], counts["issued"]) == (1, 3, 1)
    released = occasion.release(second).expect(200)
    counts = occasion.availability(released.position)
    assert (counts["free"], counts["claimed"], counts["issued"]) == (2, 2, 1)
    assert counts["admitted"] == counts["burned"] == 0


def test_availability_of_a_draft_is_shown_to_its_organizers_alone(service):
    """As the draft itself, which stands in no public list: for the others it is not there."""
    def organizer(**fields):
        body = {"name": "Organizer", "role": "organizer", **fields}
        return service.client(service.admin.post("/v1/keys", body).expect(201).json()["key"])

    occasion = service.occasion(4, state="draft")
    path = f"{occasion.path}/availability"
    for insider in [service.admin, organizer(occasion=occasion.id)]:
        assert insider.get(path).expect(200).json()["free"] == 4
    for outsider in [service.anyone, organizer()]:
        outsider.get(path).problem(404, "unknown_occasion")
        outsider.get(occasion.path).problem(404, "unknown_occasion")
    occasion.step("open").expect(200)
    assert service.anyone.get(path).expect(200).json()["free"] == 4


def test_all_of_it_is_there_after_a_crash(start):
    service = start("--limits", "off")
    occasion = service.occasion(3, 2)
    claim = occasion.claimed()
    occasion.confirm(claim).expect(200)
    changed = occasion.change({"notes": "after the crash"}).expect(200)
    before = occasion.get(Boxoffice_At_Least=changed.position)
    counts = occasion.availability(changed.position)
    service.restart_after_kill()
    after = occasion.get()
    assert after.body == before.body
    assert after.headers["etag"] == before.headers["etag"]
    assert occasion.availability() == counts
    assert occasion.shown(claim).json()["state"] == "confirmed"
