"""The audit trail: every decision, granted or refused, found by what it is about."""

import datetime
import json
import urllib.parse

import jsonschema
import pytest


@pytest.fixture(scope="module")
def story(service):
    """An occasion with a granted, a refused, a confirmed and a released claim; and who did what."""
    occasion = service.occasion(2)
    first = occasion.claimed("ada@example.org", traceparent=TRACE)
    second = occasion.claimed("bob@example.org")
    refused = occasion.claim("carol@example.org").problem(409, "sold_out")
    occasion.confirm(first).expect(200)
    last = occasion.release(second).expect(200)
    return {"occasion": occasion, "first": first, "second": second, "refused": refused,
            "last": last}


TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
REQUIRED = {"id", "source", "specversion", "type", "subject", "time", "dataschema", "data",
            "sequence", "received", "causationid", "actor", "prevhash"}


def audit(service, story, **query):
    query = {"occasion": story["occasion"].id, **query}
    path = "/v1/audit?" + urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
    answer = service.admin.get(path, Boxoffice_At_Least=story["last"].position).expect(200)
    return answer.json()["items"]


def kinds(items):
    return [item["type"].removeprefix("boxoffice.") for item in items]


def test_it_has_every_decision_in_order(service, story):
    items = audit(service, story)
    assert kinds(items) == ["OccasionCreated", "OccasionOpened", "TicketClaimed", "TicketClaimed",
                            "ClaimRefused", "ClaimConfirmed", "ClaimReleased"]
    sequences = [int(item["sequence"]) for item in items]
    assert sequences == sorted(sequences)
    assert len({len(item["sequence"]) for item in items}) == 1
    assert [item["time"] for item in items] == sorted(item["time"] for item in items)


def test_items_are_cloud_events(service, story):
    for item in audit(service, story):
        assert REQUIRED <= set(item), item
        assert item["specversion"] == "1.0"
        assert item["source"].startswith("boxoffice:")
        assert item["received"] <= item["time"]
        assert len(item["prevhash"]) in (0, 64)


def test_items_are_as_the_asyncapi_document_says(service, story):
    document = service.anyone.get("/asyncapi.json").expect(200).json()
    resolver = jsonschema.RefResolver.from_schema(document)
    messages = {each["name"]: each for each in document["components"]["messages"].values()}
    for item in audit(service, story):
        payload = messages[item["type"]]["payload"]
        jsonschema.Draft7Validator(payload, resolver=resolver).validate(item)


def test_it_says_why_somebody_was_refused(service, story):
    [refusal] = audit(service, story, type="ClaimRefused")
    assert "sold_out" in json.dumps(refusal["data"])
    assert refusal["actor"] == "anonymous"


def test_it_says_who_and_from_which_trace(service, story):
    first = audit(service, story, type="TicketClaimed")[0]
    assert first["traceparent"].split("-")[1] == TRACE.split("-")[1]
    created = audit(service, story, type="OccasionCreated")[0]
    assert created["actor"] not in ("", "anonymous")


def test_it_is_found_by_type(service, story):
    assert kinds(audit(service, story, type="ClaimConfirmed")) == ["ClaimConfirmed"]
    assert kinds(audit(service, story, type="boxoffice.ClaimConfirmed")) == ["ClaimConfirmed"]
    assert audit(service, story, type="ClaimExpired") == []


def test_it_is_found_by_ticket(service, story):
    items = audit(service, story, ticket=story["first"]["ticket"]["id"])
    assert kinds(items)[0] == "TicketClaimed"
    assert "ClaimConfirmed" in kinds(items)
    assert "ClaimReleased" not in kinds(items)


def test_it_is_found_by_person(service, story):
    claimed = audit(service, story, type="TicketClaimed")[0]
    items = audit(service, story, person=claimed["data"]["person"])
    assert kinds(items)[0] == "TicketClaimed"
    assert all(item["data"].get("person", claimed["data"]["person"]) == claimed["data"]["person"]
               for item in items)


def test_what_was_refused_to_a_claim_that_had_ended_is_found_by_person_and_by_ticket(service):
    occasion = service.occasion(1)
    claim = occasion.claimed("ada@example.org")
    occasion.release(claim).expect(200)
    occasion.release(claim).problem(409, "claim_ended")
    last = occasion.confirm(claim)
    last.problem(409, "claim_ended")
    story = {"occasion": occasion, "last": last}
    expected = ["TicketClaimed", "ClaimReleased", "ReleaseRefused", "ConfirmationRefused"]
    [claimed] = audit(service, story, type="TicketClaimed")
    assert kinds(audit(service, story, person=claimed["data"]["person"])) == expected
    assert kinds(audit(service, story, ticket=claim["ticket"]["id"])) == expected


def test_it_is_found_by_principal(service, story):
    assert set(kinds(audit(service, story, principal="anonymous"))) == {
        "TicketClaimed", "ClaimRefused", "ClaimConfirmed", "ClaimReleased"}
    key = service.admin.post("/v1/keys", {"name": "o", "role": "admin"}).expect(201).json()
    answer = service.client(key["key"]).patch(story["occasion"].path, {"venue": "Barn"}).expect(200)
    found = service.admin.get(f"/v1/audit?principal={key['id']}&type=OccasionChanged",
                              Boxoffice_At_Least=answer.position).json()["items"]
    assert kinds(found) == ["OccasionChanged"]


def test_it_is_found_by_time(service, story):
    items = audit(service, story)
    middle = items[4]["time"]
    before = audit(service, story, to=middle)
    after = audit(service, story, **{"from": middle})
    ids = [item["id"] for item in before + after]
    assert ids[:len(items)] == [item["id"] for item in items]
    assert all(item["time"] < middle for item in before)
    assert all(item["time"] >= middle for item in after)
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    assert audit(service, story, **{"from": tomorrow.strftime("%Y-%m-%dT%H:%M:%S.000Z")}) == []


def test_filters_combine(service, story):
    items = audit(service, story, ticket=story["first"]["ticket"]["id"], type="TicketClaimed",
                  principal="anonymous")
    assert kinds(items) == ["TicketClaimed"]
    assert audit(service, story, ticket=story["first"]["ticket"]["id"], type="ClaimReleased") == []


def test_pages_join_to_the_whole(service, story):
    whole = [item["id"] for item in audit(service, story)]
    joined = service.admin.items("/v1/audit", occasion=story["occasion"].id, limit=2)
    assert [item["id"] for item in joined] == whole


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00",
                                  "%Y-%m-%dT%H:%M:%S%%2B00:00", "%Y-%m-%dt%H:%M:%S.0z"])
def test_a_time_may_have_every_form(service, story, form):
    """Also with a plus that nobody encoded."""
    second = datetime.timedelta(seconds=1)
    before, after = (datetime.datetime.fromisoformat(audit(service, story)[place]["time"][:19])
                     + step for place, step in [(0, 0 * second), (-1, second)])
    query = f"/v1/audit?occasion={story['occasion'].id}"
    whole = service.admin.get(f"{query}&from={before:{form}}&to={after:{form}}").expect(200).json()
    assert whole["items"] == audit(service, story)
    assert service.admin.get(f"{query}&to={before:{form}}").expect(200).json()["items"] == []


@pytest.mark.parametrize("query", ["from=yesterday", "from=2030-01-16T19:00:00.123456Z", "to=5", "limit=0", "after=zzz", "colour=red",
                                   "open=perhaps", "type=ticketclaimed"])
def test_a_bad_question_is_refused(service, query):
    service.admin.get(f"/v1/audit?{query}").problem(400)


def test_what_is_not_there_is_an_empty_list(service):
    for query in ["occasion=AAAAAAAAAAAAAAAAAAAAAA", "person=AAAAAAAAAAAAAAAAAAAAAA",
                  "ticket=AAAAAAAAAAAAAAAAAAAAAA", "principal=nobody",
                 "type=TicketClaimed&principal=nobody"]:
        answer = service.admin.get(f"/v1/audit?{query}").expect(200)
        assert answer.json() == {"items": [], "next": None}


def test_a_misspelt_type_is_not_answered_with_nothing(service):
    service.admin.get("/v1/audit?type=TicketClaimd").problem(400, "bad_parameter", "type")


def test_sealed_data_is_sealed_until_it_is_opened(service, story):
    path = f"/v1/audit?occasion={story['occasion'].id}"
    sealed = service.admin.get(path, Boxoffice_At_Least=story["last"].position).expect(200)
    assert b"ada@example.org" not in sealed.body
    opened = service.admin.get(f"{path}&open=true").expect(200)
    assert b"ada@example.org" in opened.body
    assert opened.json()["items"] == sealed.json()["items"]


def test_who_may_not_open_may_not(service, story):
    path = f"/v1/audit?occasion={story['occasion'].id}&open=true"
    organizer = service.admin.post("/v1/keys", {
        "name": "o", "role": "organizer", "occasion": story["occasion"].id}).expect(201).json()
    service.client(organizer["key"]).get(path).problem(403)


def openings(service, path):
    """How often data was opened, with the opening of this page that it does itself."""
    position = service.admin.get(path).expect(200).position
    service.admin.get("/v1/occasions", Boxoffice_At_Least=position).expect(200)
    return len(service.admin.items("/v1/audit", type="SealedDataOpened", limit=500))


def test_opening_is_an_event_itself(service, story):
    path = f"/v1/audit?occasion={story['occasion'].id}&open=true"
    before = openings(service, path)
    assert openings(service, path) == before + 1


def test_opened_pages_have_the_positions_that_are_asked_for(service):
    occasion = service.occasion(30)
    path = f"/v1/audit?occasion={occasion.id}&type=TicketClaimed&limit=500&open=true"
    for claims in range(1, 31):
        position = occasion.claim().position
        page = service.admin.get(path, Boxoffice_At_Least=position).expect(200).json()
        assert len(page["items"]) == len(page["opened"]) == claims


def test_what_nobody_was_shown_is_not_on_record_as_opened(service, story):
    path = f"/v1/audit?occasion={story['occasion'].id}&open=true"
    before = openings(service, path)
    service.admin.get(f"{path}&after=zzz").problem(400, "bad_cursor", "after")
    service.admin.get(path, Boxoffice_At_Least="3:999999999").problem(503, "not_reached")
    assert openings(service, path) == before + 1


def test_it_survives_a_crash(start):
    service = start("--limits", "off")
    occasion = service.occasion(3)
    occasion.claimed()
    position = occasion.claim().position
    path = f"/v1/audit?occasion={occasion.id}"
    before = service.admin.get(path, Boxoffice_At_Least=position).expect(200).body
    service.restart_after_kill()
    assert service.admin.get(path).expect(200).body == before
