"""Asked twice, decided once: the same key gets the same bytes."""

import json

from boxoffice_client import ADMIN_KEY, at_once, fresh_email, fresh_ip

KEY = "a-secret-of-16-characters-or-more-{}"


def test_a_repeat_gets_the_same_bytes(service):
    occasion = service.occasion(5)
    email = fresh_email()
    first = occasion.claim(email, Idempotency_Key=KEY.format("granted")).expect(201)
    again = occasion.claim(email, Idempotency_Key=KEY.format("granted"))
    assert_same(first, again)
    assert occasion.availability(first.position)["claimed"] == 1


def test_a_repeat_of_a_refusal_is_the_refusal(service):
    """Though a ticket is free by then."""
    occasion = service.occasion(1)
    taken = occasion.claimed()
    email = fresh_email()
    refused = occasion.claim(email, Idempotency_Key=KEY.format("refused"))
    refused.problem(409, "sold_out")
    occasion.release(taken).expect(200)
    assert_same(refused, occasion.claim(email, Idempotency_Key=KEY.format("refused")))
    assert occasion.availability()["free"] == 1
    occasion.claimed(email)


def test_a_repeat_shows_what_was_answered_then(service):
    """Though the claim has been released meanwhile."""
    occasion = service.occasion(1)
    email = fresh_email()
    first = occasion.claim(email, Idempotency_Key=KEY.format("then")).expect(201)
    occasion.release(first.json()).expect(200)
    again = occasion.claim(email, Idempotency_Key=KEY.format("then"))
    assert_same(first, again)
    assert again.json()["state"] == "held"


def test_repeats_survive_a_crash(start):
    service = start("--limits", "off")
    occasion = service.occasion(2)
    emails = [fresh_email() for _ in range(4)]
    keys = [KEY.format(f"crash-{number}") for number in range(4)]
    before = [occasion.claim(*each, Idempotency_Key=key)
              for *each, key in zip(emails, [fresh_ip() for _ in emails], keys)]
    assert [answer.status for answer in before] == [201, 201, 409, 409]
    for _ in range(2):
        service.restart_after_kill()
        for email, key, first in zip(emails, keys, before):
            assert_same(first, occasion.claim(email, Idempotency_Key=key))
    service.stop()
    service.start()
    for email, key, first in zip(emails, keys, before):
        assert_same(first, occasion.claim(email, Idempotency_Key=key))


def test_another_body_under_the_same_key_is_refused(service):
    occasion = service.occasion(5)
    first = occasion.claim("ada@example.org", Idempotency_Key=KEY.format("other")).expect(201)
    occasion.claim("bob@example.org", Idempotency_Key=KEY.format("other")).problem(422)
    assert_same(first, occasion.claim("ada@example.org", Idempotency_Key=KEY.format("other")))
    assert occasion.availability()["claimed"] == 1


def test_keys_of_two_principals_are_two_keys(service):
    """Somebody else's key is not a way to see an answer."""
    made = {"name": "gate", "role": "gate"}
    first = service.admin.post("/v1/keys", made, Idempotency_Key="short").expect(201).json()
    organizer = service.client(service.admin.post(
        "/v1/keys", {"name": "other", "role": "admin"}).expect(201).json()["key"])
    second = organizer.post("/v1/keys", made, Idempotency_Key="short").expect(201).json()
    assert first["id"] != second["id"] and first["key"] != second["key"]


def test_simultaneous_repeats_have_one_outcome(service):
    occasion = service.occasion(50)
    email = fresh_email()
    answers = at_once([lambda: occasion.claim(email, Idempotency_Key=KEY.format("at-once"))
                       for _ in range(30)])
    for answer in answers:
        assert answer.expect(201).body == answers[0].body
    assert occasion.availability(answers[0].position)["claimed"] == 1


def test_who_is_not_signed_in_must_send_a_secret(service):
    occasion = service.occasion(5)
    for weak in ["1", "fifteen-charact"]:
        occasion.claim(Idempotency_Key=weak).problem(400, "weak_key")
    occasion.claim(Idempotency_Key="sixteen-characte").expect(201)
    assert occasion.availability()["claimed"] == 1


def test_every_mutation_can_be_repeated(service):
    admin = service.admin

    def twice(call):
        first, again = call(), call()
        assert first.status < 300, first.body
        assert_same(first, again)
        return first

    made = twice(lambda: admin.post("/v1/occasions", {
        "name": "Twice", "starts_at": "2030-01-16T19:00:00.000Z", "claims": {},
        "pools": [{"name": "main", "capacity": 5}]}, Idempotency_Key="make-twice"))
    path = f"/v1/occasions/{made.json()['id']}"
    twice(lambda: admin.patch(path, {"venue": "Hall"}, Idempotency_Key="change-twice"))
    twice(lambda: admin.post(f"{path}/open", Idempotency_Key="open-twice"))
    claim = service.anyone.post(f"{path}/claims", {"email": fresh_email()}).expect(201).json()
    token = {"token": claim["token"]}
    twice(lambda: service.anyone.post(f"{path}/claims/{claim['id']}/confirm", token,
                                      Idempotency_Key=KEY.format("confirm")))
    twice(lambda: service.anyone.delete(f"{path}/claims/{claim['id']}", token,
                                        Idempotency_Key=KEY.format("release")))
    key = twice(lambda: admin.post("/v1/keys", {"name": "Gate", "role": "gate"},
                                   Idempotency_Key="key-twice")).json()
    twice(lambda: admin.delete(f"/v1/keys/{key['id']}", Idempotency_Key="delete-twice"))
    twice(lambda: admin.post(f"{path}/close", Idempotency_Key="close-twice"))
    twice(lambda: admin.post(f"{path}/cancel", Idempotency_Key="cancel-twice"))


def test_a_key_shown_again_is_the_same_and_works(start):
    service = start("--limits", "off")
    body = {"name": "Gate 1", "role": "gate"}
    first = service.admin.post("/v1/keys", body, Idempotency_Key="gate-1").expect(201)
    service.restart_after_kill()
    again = service.admin.post("/v1/keys", body, Idempotency_Key="gate-1").expect(201)
    assert again.body == first.body
    assert ADMIN_KEY not in json.dumps(again.json())


def assert_same(first, again):
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers.get("content-type") == first.headers.get("content-type")
    assert again.position == first.position


def test_a_change_can_be_repeated_after_another_that_it_would_not_fit(service):
    occasion = service.occasion(10)
    early = {"admission": {"closes_at": "2031-01-10T00:00:00.000Z"}}
    late = {"admission": {"opens_at": "2031-02-01T00:00:00.000Z",
                          "closes_at": "2031-03-01T00:00:00.000Z"}}
    first = service.admin.patch(occasion.path, early, Idempotency_Key="a-change-of-hours").expect(200)
    service.admin.patch(occasion.path, late).expect(200)
    again = service.admin.patch(occasion.path, early, Idempotency_Key="a-change-of-hours")
    assert (again.status, again.body) == (200, first.body)
