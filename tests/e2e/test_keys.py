"""Keys of devices and services: shown once, limited, revocable; and the first administrator."""

import re

import pytest

from boxoffice_client import ADMIN_KEY, Service, await_until


def make(service, role, occasion=None, client=None, **headers):
    body = {"name": f"a {role}", "role": role, **({"occasion": occasion} if occasion else {})}
    return (client or service.admin).post("/v1/keys", body, **headers).expect(201).json()


def listed(service):
    return {item["id"]: item for item in service.admin.items("/v1/keys", limit=500)}


def test_a_new_key_works_at_once(service):
    for _ in range(30):
        made = make(service, "organizer")
        assert service.client(made["key"]).get("/v1/occasions?state=draft").status == 200


def test_a_deleted_key_is_dead_at_once(service):
    for _ in range(30):
        made = make(service, "organizer")
        service.admin.delete(f"/v1/keys/{made['id']}").expect(204)
        service.client(made["key"]).get("/v1/occasions?state=draft").problem(401)
    service.admin.delete(f"/v1/keys/{made['id']}").problem(404)


def test_a_key_is_shown_once(service):
    made = make(service, "gate")
    shown = listed(service)[made["id"]]
    assert shown["name"] == "a gate" and shown["role"] == "gate"
    assert "key" not in shown
    assert made["key"] not in str(shown)


def test_the_last_use_of_a_key_is_recorded_once_an_hour(service):
    made = make(service, "organizer")
    assert listed(service)[made["id"]]["last_used_at"] is None
    for _ in range(20):
        service.client(made["key"]).get("/v1/occasions?state=draft").expect(200)
    used = await_until(lambda: listed(service)[made["id"]]["last_used_at"], "the use to be recorded")
    assert used >= listed(service)[made["id"]]["created_at"]
    service.client(made["key"]).get("/v1/occasions?state=draft").expect(200)
    # What a later command did is read only after all that was asked for before it.
    last = service.admin.delete(f"/v1/keys/{made['id']}").expect(204)
    path = f"/v1/audit?principal={made['id']}&type=KeyUsed"
    items = service.admin.get(path, Boxoffice_At_Least=last.position).expect(200).json()["items"]
    assert [item["time"] for item in items] == [used]


def test_keys_and_their_ends_survive_a_crash(start):
    service = start("--limits", "off")
    kept, deleted = make(service, "organizer"), make(service, "organizer")
    service.admin.delete(f"/v1/keys/{deleted['id']}").expect(204)
    for restart in [service.restart_after_kill, lambda: (service.stop(), service.start())]:
        restart()
        assert service.client(kept["key"]).get("/v1/occasions?state=draft").status == 200
        service.client(deleted["key"]).get("/v1/occasions?state=draft").problem(401)
        assert set(listed(service)) == {kept["id"]}


def test_a_key_of_an_occasion_is_of_no_other(service):
    own, other = service.occasion(1), service.occasion(1)
    organizer = service.client(make(service, "organizer", own.id)["key"])
    organizer.patch(own.path, {"venue": "Hall"}).expect(200)
    assert organizer.patch(other.path, {"venue": "Hall"}).status in (403, 404)
    assert organizer.post(f"{other.path}/close").status in (403, 404)
    assert other.get().json()["venue"] == ""


def test_keys_of_an_occasion_are_listed_for_its_organizers_alone(service):
    limited = service.client(make(service, "organizer", (own := service.occasion(1)).id)["key"])
    free = service.client(make(service, "organizer")["key"])
    made = service.occasion(1, state="draft", client=free)
    for client, occasion in [(limited, own), (free, made)]:
        client.post("/v1/keys", {"name": "North", "role": "gate", "occasion": occasion.id})
        listed_for = client.items("/v1/keys", occasion=occasion.id)
        assert listed_for and {item["occasion"] for item in listed_for} == {occasion.id}
    for client, others in [(limited, made), (free, own)]:
        client.get(f"/v1/keys?occasion={others.id}").problem(403)
        client.get("/v1/keys?occasion=AAAAAAAAAAAAAAAAAAAAAA").problem(403)
        assert others.id not in {item["occasion"] for item in client.items("/v1/keys")}
    assert service.admin.items("/v1/keys", occasion="AAAAAAAAAAAAAAAAAAAAAA") == []


def test_an_organizer_without_an_occasion_makes_one_and_becomes_its_organizer(service):
    first = service.client(make(service, "organizer")["key"])
    second = service.client(make(service, "organizer")["key"])
    occasion = service.occasion(1, state="draft", client=first)
    first.post(f"{occasion.path}/open").expect(200)
    first.patch(occasion.path, {"venue": "Hall"}).expect(200)
    assert second.patch(occasion.path, {"venue": "Barn"}).status in (403, 404)
    assert occasion.get().json()["venue"] == "Hall"


@pytest.mark.parametrize("key", ["", "x", "bo_x_y", "Basic abc", "bo_AAAAAAAAAAAAAAAAAAAAAA_x" * 50,
                                 ADMIN_KEY[:-1], ADMIN_KEY + "x", ADMIN_KEY.upper()])
def test_a_wrong_key_is_nobody(service, key):
    service.anyone.get("/v1/keys", Authorization=f"Bearer {key}").problem(401)


def test_a_wrong_key_is_refused_where_none_is_needed_too_or_ignored(service):
    """Either is safe; what may not happen is that it counts as somebody."""
    answer = service.anyone.get("/v1/occasions", Authorization="Bearer wrong")
    assert answer.status in (200, 401)


def test_somebody_not_signed_in_is_told_how(service):
    answer = service.anyone.get("/v1/keys")
    answer.problem(401)
    assert "Bearer" in answer.headers["www-authenticate"]


def test_the_bootstrap_key_is_stored_nowhere(service):
    assert ADMIN_KEY not in str(listed(service))


def console(service, *arguments, **how):
    return service.tool("admin", arguments[0], "--data", service.data, *arguments[1:],
                        "--print", "key", **how).strip()


def test_the_first_administrator_is_made_on_the_console_while_the_service_runs(start):
    service = start("--limits", "off", environment={"BOXOFFICE_ADMIN_KEY": None})
    service.anyone.get("/v1/keys").problem(401)
    key = console(service, "administrator", "--name", "Ada")
    assert re.fullmatch(r"bo_[A-Za-z0-9_-]+", key), key
    [shown] = service.client(key).items("/v1/keys")
    assert (shown["name"], shown["role"]) == ("Ada", "admin")
    console(service, "administrator", "--name", "Eve", status=None)


def test_keys_are_made_on_the_console_while_the_service_is_stopped(start):
    service = start("--limits", "off", environment={"BOXOFFICE_ADMIN_KEY": None})
    assert service.stop() == 0
    administrator = console(service, "administrator", "--name", "Ada")
    gate = console(service, "key", "--name", "North", "--role", "gate")
    service.start()
    names = {item["name"] for item in service.client(administrator).items("/v1/keys")}
    assert names == {"Ada", "North"}
    service.client(gate).get("/v1/keys").problem(403)


def test_keys_have_the_same_names_on_the_console_as_over_http(start):
    service = start("--limits", "off")
    longest = "ü" * 200
    service.admin.post("/v1/keys", {"name": longest, "role": "gate"}).expect(201)
    console(service, "key", "--name", longest, "--role", "gate")
    for name in ["  ", "a\nb", longest + "ü"]:
        service.admin.post("/v1/keys", {"name": name, "role": "gate"}).problem(400, field="/name")
        assert "name" in console(service, "key", "--name", name, "--role", "gate", status=None)
    assert [key["name"] for key in listed(service).values()] == [longest] * 2


@pytest.mark.parametrize("arguments", [("key", "--name", "North", "--role", "gate"),
                                       ("remove-key", "--id", "AAAAAAAAAAAAAAAAAAAAAA")])
def test_a_mistyped_directory_is_not_made(tmp_path, arguments):
    mistyped = tmp_path / "typo"
    said = Service(tmp_path).tool("admin", arguments[0], "--data", mistyped, *arguments[1:],
                                  status=None)
    assert "holds no log of Boxoffice" in said
    assert not mistyped.exists()


def test_an_administrator_of_one_occasion_is_none(start):
    service = start("--limits", "off")
    make(service, "admin", occasion=service.occasion(1).id)
    console(service, "administrator", "--name", "Ada")


def test_the_console_says_why_it_was_refused(start):
    service = start("--limits", "off")
    said = service.tool("admin", "remove-key", "--data", service.data,
                        "--id", "AAAAAAAAAAAAAAAAAAAAAA", status=None)
    assert "unknown_key: There is no key of this id." in said


def test_a_key_is_ended_on_the_console(start):
    service = start("--limits", "off")
    made = make(service, "organizer")
    service.tool("admin", "remove-key", "--data", service.data, "--id", made["id"])
    service.client(made["key"]).get("/v1/occasions?state=draft").problem(401)
