"""Claims: who gets which ticket, who is refused and why, and what becomes of a claim."""

import datetime

from boxoffice_client import at_once, await_until, fresh_email, instant
from load import Load


def test_numbers_are_given_in_order(service):
    occasion = service.occasion(3)
    claims = [occasion.claimed() for _ in range(3)]
    assert [claim["ticket"]["number"] for claim in claims] == [1, 2, 3]
    assert len({claim["ticket"]["id"] for claim in claims}) == 3


def test_pools_take_turns(service):
    occasion = service.occasion(2, 1, 3)
    given = [occasion.claimed()["ticket"] for _ in range(6)]
    assert [(ticket["pool"], ticket["number"]) for ticket in given] == [
        ("main", 1), ("second", 1), ("third", 1), ("main", 2), ("third", 2), ("third", 3)]
    occasion.claim().problem(409, "sold_out")


def test_a_claim_is_answered_with_all_that_its_holder_needs(service):
    occasion = service.occasion(5, claims={"ttl_ms": 60_000})
    claim = occasion.claimed()
    assert set(claim) == {"id", "occasion", "state", "ticket", "expires_at", "token"}
    assert claim["occasion"] == occasion.id
    assert claim["state"] == "held"
    assert set(claim["ticket"]) == {"id", "number", "pool"}
    left = instant(claim["expires_at"]) - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(seconds=30) < left <= datetime.timedelta(seconds=61)


def test_the_default_time_to_live_is_five_minutes(service):
    claim = service.occasion(5).claimed()
    left = instant(claim["expires_at"]) - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(minutes=4) < left <= datetime.timedelta(minutes=5, seconds=1)


def test_an_address_has_one_live_claim(service):
    occasion = service.occasion(5)
    first = occasion.claimed("ada@example.org")
    refused = occasion.claim("ada@example.org").problem(409, "already_claimed")
    assert refused["expires_at"] == first["expires_at"]


def test_an_address_is_the_same_however_it_is_spelt(service):
    occasion = service.occasion(5)
    occasion.claimed("Ada.Lovelace@Bücher.example")
    for spelling in ["ada.lovelace@bücher.example", "ADA.LOVELACE@BÜCHER.EXAMPLE",
                     "ada.lovelace@xn--bcher-kva.example", " ada.lovelace@bücher.example "]:
        occasion.claim(spelling).problem(409, "already_claimed")


def test_an_ip_has_one_live_claim(service):
    occasion = service.occasion(5)
    first = occasion.claimed(ip="192.0.2.7")
    refused = occasion.claim(ip="192.0.2.7").problem(409, "already_claimed")
    assert refused["expires_at"] == first["expires_at"]
    occasion.claimed(ip="192.0.2.8")


def test_an_ipv6_network_counts_as_one_ip(service):
    occasion = service.occasion(5)
    occasion.claimed(ip="2001:db8:1:2::1")
    occasion.claim(ip="2001:db8:1:2:ffff::9").problem(409, "already_claimed")
    occasion.claimed(ip="2001:db8:1:3::1")


def test_the_ip_is_the_last_forwarded_one_that_is_no_proxy(service):
    occasion = service.occasion(5)
    occasion.claimed(ip="198.51.100.1, 192.0.2.20, 127.0.0.1")
    occasion.claim(ip="198.51.100.2, 192.0.2.20").problem(409, "already_claimed")
    occasion.claimed(ip="192.0.2.20, 198.51.100.3")


def test_forwarded_ips_are_ignored_without_trusted_proxies(start):
    service = start("--limits", "off", environment={"BOXOFFICE_TRUSTED_PROXIES": None})
    occasion = service.occasion(5)
    occasion.claimed(ip="192.0.2.30")
    occasion.claim(ip="192.0.2.31").problem(409, "already_claimed")


def test_each_rule_can_be_switched_off(service):
    by_email_only = service.occasion(5, claims={"one_per_ip": False})
    by_email_only.claimed("a@example.org", ip="192.0.2.40")
    by_email_only.claimed("b@example.org", ip="192.0.2.40")
    by_email_only.claim("a@example.org").problem(409, "already_claimed")

    by_ip_only = service.occasion(5, claims={"one_per_email": False})
    by_ip_only.claimed("a@example.org")
    by_ip_only.claimed("a@example.org")
    by_ip_only.claimed(ip="192.0.2.41")
    by_ip_only.claim(ip="192.0.2.41").problem(409, "already_claimed")

    unlimited = service.occasion(5, claims={"one_per_ip": False, "one_per_email": False})
    for _ in range(5):
        unlimited.claimed("a@example.org", ip="192.0.2.42")


def test_rules_are_of_one_occasion(service):
    for occasion in [service.occasion(1), service.occasion(1)]:
        occasion.claimed("ada@example.org", ip="192.0.2.50")


def test_every_refusal_has_a_name_of_its_own(service):
    service.occasion(1, state="draft").claim().problem(409, "not_open")
    service.occasion(1, state="closed").claim().problem(409, "closed")
    service.occasion(1, state="cancelled").claim().problem(409, "cancelled")
    service.occasion(1, claims=None).claim().problem(409)
    unknown = service.anyone.post("/v1/occasions/AAAAAAAAAAAAAAAAAAAAAA/claims",
                                  {"email": fresh_email()})
    unknown.problem(404, "unknown_occasion")
    full = service.occasion(1)
    full.claimed()
    full.claim().problem(409, "sold_out")


def test_an_expired_ticket_returns_to_the_pool(service):
    occasion = service.occasion(1, claims={"ttl_ms": 150, "on_expiry": "return"})
    claim = occasion.claimed("ada@example.org")
    await_until(lambda: occasion.availability()["free"] == 1, "the ticket to return")
    assert occasion.shown(claim).expect(200).json()["state"] == "expired"
    assert occasion.claimed("ada@example.org")["ticket"] == claim["ticket"]


def test_an_expired_ticket_is_burned_where_the_occasion_says_so(service):
    occasion = service.occasion(2, claims={"ttl_ms": 150, "on_expiry": "burn"})
    claim = occasion.claimed("ada@example.org")
    counts = await_until(lambda: (c := occasion.availability())["burned"] == 1 and c, "the burning")
    assert counts["free"] == 1
    again = occasion.claimed("ada@example.org")
    assert again["ticket"]["number"] != claim["ticket"]["number"]
    await_until(lambda: occasion.availability()["burned"] == 2, "the second burning")
    occasion.claim().problem(409, "sold_out")


def test_what_is_past_its_time_is_given_again_at_once(service):
    """Nobody hears `sold_out` while a claim that is past its time has yet to be settled."""
    occasion = service.occasion(1, claims={"ttl_ms": 40})
    for _ in range(20):
        claim = occasion.claimed()
        assert claim["ticket"]["number"] == 1
        await_until(lambda: past(claim["expires_at"]), "its time to pass", 2)


def test_expired_claims_free_their_person_and_ip(service):
    occasion = service.occasion(5, claims={"ttl_ms": 100})
    claim = occasion.claimed("ada@example.org", ip="192.0.2.60")
    await_until(lambda: past(claim["expires_at"]), "its time to pass", 2)
    occasion.claimed("ada@example.org", ip="192.0.2.60")


def test_a_confirmed_claim_is_issued_and_never_expires(service):
    occasion = service.occasion(2, claims={"ttl_ms": 300})
    kept, lost = occasion.claimed("kept@example.org"), occasion.claimed()
    confirmed = occasion.confirm(kept).expect(200).json()
    assert confirmed["state"] == "confirmed"
    assert confirmed["ticket"] == kept["ticket"]
    counts = await_until(lambda: (c := occasion.availability())["free"] == 1 and c, "the expiry")
    assert (counts["issued"], counts["claimed"]) == (1, 0)
    assert occasion.shown(kept).json()["state"] == "confirmed"
    assert occasion.shown(lost).json()["state"] == "expired"
    occasion.claim("kept@example.org").problem(409, "already_claimed")


def test_a_released_ticket_is_given_again(service):
    occasion = service.occasion(2)
    first, second = occasion.claimed(), occasion.claimed()
    assert occasion.release(first).expect(200).json()["state"] == "released"
    assert occasion.claimed()["ticket"] == first["ticket"]
    assert occasion.shown(first).json()["state"] == "released"
    assert occasion.shown(second).json()["state"] == "held"


def test_a_confirmed_claim_can_be_released(service):
    occasion = service.occasion(1)
    claim = occasion.claimed("ada@example.org")
    occasion.confirm(claim).expect(200)
    answer = occasion.release(claim).expect(200)
    assert answer.json()["state"] == "released"
    assert occasion.availability(answer.position)["free"] == 1
    occasion.claimed("ada@example.org")


def test_what_has_ended_cannot_be_confirmed(service):
    occasion = service.occasion(2, claims={"ttl_ms": 100})
    expired = occasion.claimed()
    await_until(lambda: past(expired["expires_at"]), "its time to pass", 2)
    occasion.confirm(expired).problem(409)

    occasion.change({"claims": {"ttl_ms": 60_000}}).expect(200)
    released = occasion.claimed()
    occasion.release(released).expect(200)
    occasion.confirm(released).problem(409)
    occasion.release(released).problem(409)


def test_confirming_twice_changes_nothing(service):
    occasion = service.occasion(1)
    claim = occasion.claimed()
    assert occasion.confirm(claim).expect(200).json()["state"] == "confirmed"
    occasion.confirm(claim)
    assert occasion.shown(claim).json()["state"] == "confirmed"
    assert occasion.availability()["issued"] == 1


def test_only_the_holder_confirms_releases_and_sees(service):
    occasion = service.occasion(3)
    claim, other = occasion.claimed(), occasion.claimed()
    for wrong in [other["token"], claim["token"][:-1], "x", claim["token"] + "A"]:
        occasion.confirm(claim, wrong).problem(401)
        occasion.release(claim, wrong).problem(401)
        occasion.shown(claim, wrong).problem(401)
    path = f"{occasion.path}/claims/{claim['id']}"
    service.anyone.get(path).problem(401)
    service.anyone.post(f"{path}/confirm", {}).expect(401)
    assert service.admin.get(path).expect(200).json()["state"] == "held"
    shown = occasion.shown(claim).expect(200).json()
    assert shown["ticket"] == claim["ticket"]
    assert occasion.availability()["claimed"] == 2


def test_no_role_stands_for_the_token(service):
    """An organizer may look at a claim; confirming and releasing are the holder's."""
    occasion = service.occasion(2)
    claim = occasion.claimed()
    path = f"{occasion.path}/claims/{claim['id']}"
    organizer, gate = (service.client(service.admin.post(
        "/v1/keys", {"name": role, "role": role, "occasion": occasion.id}).expect(201).json()["key"])
        for role in ["organizer", "gate"])
    for client in [service.anyone, service.admin, organizer, gate]:
        client.post(f"{path}/confirm", {}).problem(401, "wrong_token")
        client.post(f"{path}/confirm", {"token": "wrong"}).problem(401, "wrong_token")
        client.delete(path).problem(401, "wrong_token")
    organizer.get(path).expect(200)
    gate.get(path).problem(403)
    assert gate.post(f"{path}/confirm", {"token": claim["token"]}).json()["state"] == "confirmed"


def test_an_expired_claim_is_not_taken_for_the_held_one(service):
    occasion = service.occasion(1, claims={"ttl_ms": 1000})
    claim = occasion.claimed()
    path = f"{occasion.path}/claims/{claim['id']}?token={claim['token']}"
    held = occasion.shown(claim).expect(200).headers["etag"]
    expired = await_until(
        lambda: (a := service.anyone.get(path, If_None_Match=held)).status == 200 and a, "its end")
    assert expired.json()["state"] == "expired"
    assert expired.headers["etag"] != held


def test_a_burst_never_oversells(service, tmp_path):
    """Hundreds ask at any moment, also at that of the last ticket."""
    occasion = service.occasion(400, 600)
    load = Load(occasion, tmp_path / "ledger", requests=10_000, connections=500)
    answers, report = load.ended_well()
    assert len(answers) == report["sent"] == 10_000
    granted = [answer.body["ticket"] for answer in answers if answer.status == 201]
    assert sorted((ticket["pool"], ticket["number"]) for ticket in granted) == [
        *(("main", number) for number in range(1, 401)),
        *(("second", number) for number in range(1, 601))]
    assert len({ticket["id"] for ticket in granted}) == 1_000
    refused = [answer for answer in answers if answer.status != 201]
    assert {(answer.status, answer.body["name"]) for answer in refused} == {(409, "sold_out")}
    occasion.claim().problem(409, "sold_out")
    assert occasion.availability()["free"] == 0


def test_a_burst_of_one_person_gets_one_ticket(service):
    occasion = service.occasion(50)
    answers = at_once([lambda: occasion.claim("ada@example.org") for _ in range(60)])
    assert sorted(answer.status for answer in answers) == [201] + [409] * 59
    for answer in answers:
        if answer.status != 201:
            answer.problem(409, "already_claimed")


def test_nobody_hears_sold_out_while_one_is_free(service):
    """Each release is answered before the next claim is made, so one ticket is always free for
    it."""
    occasion = service.occasion(5)
    held = [occasion.claimed() for _ in range(5)]

    def swap(claim):
        for _ in range(10):
            occasion.release(claim).expect(200)
            claim = occasion.claimed()

    at_once([lambda claim=claim: swap(claim) for claim in held])
    assert occasion.availability()["claimed"] == 5


def past(text):
    return datetime.datetime.now(datetime.timezone.utc) > instant(text)
