"""Malformed input gets its error, naming the field, and changes nothing."""

import json

import pytest

from boxoffice_client import fresh_email

GOOD = {"name": "Gala", "starts_at": "2030-01-16T19:00:00.000Z",
        "pools": [{"name": "main", "capacity": 5}]}


def with_pool(**pool):
    return {**GOOD, "pools": [{"name": "main", "capacity": 5, **pool}]}


def without(field):
    return {name: value for name, value in GOOD.items() if name != field}


MALFORMED = [
    (without("name"), "/name"),
    (without("starts_at"), "/starts_at"),
    (without("pools"), "/pools"),
    ({**GOOD, "name": 5}, "/name"),
    ({**GOOD, "name": None}, "/name"),
    ({**GOOD, "name": ""}, "/name"),
    ({**GOOD, "name": "x" * 5000}, "/name"),
    ({**GOOD, "name": "  "}, "/name"),
    ({**GOOD, "name": "Gala\u0007"}, "/name"),
    ({**GOOD, "starts_at": "tomorrow"}, "/starts_at"),
    ({**GOOD, "starts_at": "2030-02-30T19:00:00.000Z"}, "/starts_at"),
    ({**GOOD, "starts_at": "2030-01-16T19:00:00"}, "/starts_at"),
    ({**GOOD, "starts_at": "2030-01-16T19:00:00.123456Z"}, "/starts_at"),
    ({**GOOD, "starts_at": 1893456000}, "/starts_at"),
    ({**GOOD, "pools": []}, "/pools"),
    ({**GOOD, "pools": {}}, "/pools"),
    ({**GOOD, "pools": ["main"]}, "/pools/0"),
    ({**GOOD, "pools": [{"name": "main"}]}, "/pools/0/capacity"),
    ({**GOOD, "pools": GOOD["pools"] + [{"capacity": 5}]}, "/pools/1/name"),
    (with_pool(capacity=-1), "/pools/0/capacity"),
    (with_pool(capacity=0), "/pools/0/capacity"),
    (with_pool(capacity=1.5), "/pools/0/capacity"),
    (with_pool(capacity="5"), "/pools/0/capacity"),
    (with_pool(capacity=1e30), "/pools/0/capacity"),
    (with_pool(capacity=10**30), "/pools/0/capacity"),
    (with_pool(capacity=2**63), "/pools/0/capacity"),
    (with_pool(capacity=2**64 + 5), "/pools/0/capacity"),
    (with_pool(capacity=True), "/pools/0/capacity"),
    (with_pool(name=""), "/pools/0/name"),
    (with_pool(name=" "), "/pools/0/name"),
    (with_pool(name="\u0001" * 100), "/pools/0/name"),
    ({**GOOD, "claims": []}, "/claims"),
    ({**GOOD, "claims": {"ttl_ms": 0}}, "/claims/ttl_ms"),
    ({**GOOD, "claims": {"ttl_ms": -5}}, "/claims/ttl_ms"),
    ({**GOOD, "claims": {"ttl_ms": "5"}}, "/claims/ttl_ms"),
    ({**GOOD, "claims": {"ttl_ms": None}}, "/claims/ttl_ms"),
    ({**GOOD, "claims": {"ttl_ms": 10**18}}, "/claims/ttl_ms"),
    ({**GOOD, "claims": {"on_expiry": "explode"}}, "/claims/on_expiry"),
    ({**GOOD, "claims": {"one_per_email": "yes"}}, "/claims/one_per_email"),
    ({**GOOD, "totp": {"digits": 5}}, "/totp/digits"),
    ({**GOOD, "totp": {"algorithm": "MD5"}}, "/totp/algorithm"),
    ({**GOOD, "codes": {"length": 0}}, "/codes/length"),
    ({**GOOD, "admission": {"opens_at": "noon"}}, "/admission/opens_at"),
]

UNKNOWN = [
    ({**GOOD, "colour": "red"}, "/colour"),
    ({**GOOD, "claims": {"ttl": 5}}, "/claims/ttl"),
    (with_pool(size=5), "/pools/0/size"),
    ({**GOOD, "a/b~c": 1}, "/a~1b~0c"),
    ({**GOOD, "id": "mine"}, "/id"),
]

NO_JSON = [b"", b"{", b"nope", b'{"name":}', b'{"name":"a"}}', b'{"name":"a"} x', b"[]", b"5",
           b"null", b'"text"', b"{'name':'a'}", b'{"name":"a",}', b'{"name":"\\ud800"}',
           b'{"name":"\xff\xfe"}', b'{"name":"\xc3"}', b'{"name":"a\nb"}', b'{"name":"\\x"}',
           b'\xef\xbb\xbf{', b"[" * 100_000, b'{"a":' * 100_000, b'{"pools":' + b"[" * 5000]


@pytest.mark.parametrize("body, field", MALFORMED, ids=lambda value: str(value)[-60:])
def test_a_malformed_occasion_is_refused_by_field(service, body, field):
    service.admin.post("/v1/occasions", body).problem(400, field=field)


@pytest.mark.parametrize("body, field", UNKNOWN, ids=lambda value: str(value)[-60:])
def test_an_unknown_field_is_refused(service, body, field):
    service.admin.post("/v1/occasions", body).problem(400, "unknown_field", field)


@pytest.mark.parametrize("raw", NO_JSON, ids=lambda raw: repr(raw[:20]))
def test_what_is_no_json_object_is_refused(service, raw):
    service.admin.request("POST", "/v1/occasions", raw=raw).problem(400)
    occasion = service.occasion(1)
    service.anyone.request("POST", f"{occasion.path}/claims", raw=raw).problem(400)
    assert occasion.availability()["free"] == 1


@pytest.mark.parametrize("body, field", [
    ({}, "/email"),
    ({"email": None}, "/email"),
    ({"email": 5}, "/email"),
    ({"email": ["a@example.org"]}, "/email"),
    ({"email": ""}, "/email"),
    ({"email": "nobody"}, "/email"),
    ({"email": "a@b@example.org"}, "/email"),
    ({"email": "a@.example.org"}, "/email"),
    ({"email": "a@example..org"}, "/email"),
    ({"email": "@example.org"}, "/email"),
    ({"email": "a b@example.org"}, "/email"),
    ({"email": "a\u0000b@example.org"}, "/email"),
    ({"email": "a\r\nBcc: b@example.org"}, "/email"),
    ({"email": "x" * 300 + "@example.org"}, "/email"),
    ({"email": "a@" + "x" * 300 + ".org"}, "/email"),
    ({"email": "ada@example.org", "name": "Ada"}, "/name"),
], ids=lambda value: str(value)[:40])
def test_a_malformed_claim_is_refused_by_field(service, body, field):
    occasion = service.occasion(1)
    service.anyone.post(f"{occasion.path}/claims", body).problem(400, field=field)
    assert occasion.availability()["free"] == 1


def test_a_malformed_change_changes_nothing(service):
    occasion = service.occasion(5)
    before = occasion.get()
    for change, field in [({"name": None}, "/name"), ({"pools": None}, "/pools"),
                          ({"pools": [{"name": "main", "capacity": 0}]}, "/pools/0/capacity"),
                          ({"name": "New", "colour": 5}, "/colour"),
                          ({"claims": {"ttl_ms": []}}, "/claims/ttl_ms")]:
        occasion.change(change).problem(400, field=field)
    after = occasion.get()
    assert (after.body, after.headers["etag"]) == (before.body, before.headers["etag"])


@pytest.mark.parametrize("body, field", [
    ({"role": "gate"}, "/name"), ({"name": "x"}, "/role"), ({"name": "x", "role": "king"}, "/role"),
    ({"name": "x", "role": "gate", "occasion": 5}, "/occasion"),
    ({"name": "x", "role": "gate", "key": "mine"}, "/key"),
], ids=str)
def test_a_malformed_key_is_refused_by_field(service, body, field):
    service.admin.post("/v1/keys", body).problem(400, field=field)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded",
                                          "application/xml", "multipart/form-data; boundary=x",
                                          "application/jsonp", "nonsense"])
def test_another_content_type_is_refused(service, content_type):
    occasion = service.occasion(1)
    body = json.dumps({"email": fresh_email()}).encode()
    answer = service.anyone.request("POST", f"{occasion.path}/claims", raw=body,
                                    Content_Type=content_type)
    answer.problem(415)
    assert occasion.availability()["free"] == 1


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8",
                                          "Application/JSON;charset=UTF-8"])
def test_json_is_taken_however_it_is_spelt(service, content_type):
    occasion = service.occasion(1)
    body = json.dumps({"email": fresh_email()}).encode()
    service.anyone.request("POST", f"{occasion.path}/claims", raw=body,
                           Content_Type=content_type).expect(201)


def test_a_huge_body_is_refused(start):
    service = start("--limits", "off", "--body-bytes-max", "4096")
    occasion = service.occasion(1)
    email = fresh_email()
    padded = json.dumps({"email": email}).encode() + b" " * 5000
    service.anyone.request("POST", f"{occasion.path}/claims", raw=padded).problem(413)
    fits = json.dumps({"email": email}).encode().ljust(4096)
    service.anyone.request("POST", f"{occasion.path}/claims", raw=fits).expect(201)


def test_the_longest_occasion_fits_into_an_event(service):
    """Each member at its bound and of the characters that take most bytes: what one may write,
    one may keep."""
    longest = {**GOOD, "name": "🎭" * 200, "venue": "\u0001" * 500, "notes": "\u0001" * 4000,
               "pools": [{"name": f"{number:02}" + "🎭" * 98, "capacity": 1_000}
                         for number in range(64)],
               "claims": {}, "requests": {"public_source": "\u0001" * 500}}
    made = service.admin.post("/v1/occasions", longest).expect(201)
    path = f"/v1/occasions/{made.json()['id']}"
    shown = service.admin.get(path, Boxoffice_At_Least=made.position).expect(200).json()
    assert {name: shown[name] for name in ("name", "venue", "notes", "pools")} == {
        name: longest[name] for name in ("name", "venue", "notes", "pools")}


def test_an_unknown_path_is_404_and_an_unknown_method_405(service):
    service.anyone.get("/v1/nothing").problem(404)
    service.anyone.get("/v2/occasions").problem(404)
    service.anyone.get("/v1/occasions/").problem(404)
    answer = service.anyone.request("DELETE", "/v1/occasions")
    answer.problem(405)
    assert "GET" in answer.headers["allow"] and "POST" in answer.headers["allow"]


@pytest.mark.parametrize("occasion_id", ["x", "%00", "..%2f..%2fetc", "a" * 500, "%ff", "AAAA%20",
                                         "gAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAB"])
def test_an_id_that_can_be_none_is_404(service, occasion_id):
    path = f"/v1/occasions/{occasion_id}"
    service.anyone.get(f"{path}/availability").problem(404)
    service.anyone.post(f"{path}/claims", {"email": fresh_email()}).problem(404, "unknown_occasion")
    service.admin.get(path).problem(404)


def test_an_unknown_query_parameter_or_a_good_one_changes_no_answer_into_500(service):
    for query in ["?x=1", "?", "?&&", "?=", "?limit", "?%", "?%zz=1", "?a=%ff"]:
        assert service.anyone.get(f"/v1/occasions{query}").status in (200, 400)


def test_a_change_that_no_event_can_hold_is_refused_and_changes_nothing(service):
    """What is made fits always; a change stands on the log beside what comes of it."""
    characters = "\u0001"  # six bytes each, as JSON
    largest = {"venue": characters * 500, "notes": characters * 4000,
               "pools": [{"name": f"{i:02}" + "🎟" * 98, "capacity": 10**7} for i in range(64)],
               "requests": {"public_source": characters * 500}}
    occasion = service.occasion(state="draft", **{**largest, "name": "🎟" * 200})
    before = service.admin.get(occasion.path).json()
    service.admin.patch(occasion.path, largest).problem(413, "event_too_large")
    assert service.admin.get(occasion.path).json() == before
