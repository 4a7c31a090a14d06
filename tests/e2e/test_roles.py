"""Who may call what: each operation the program serves against each role."""

import socket

import pytest

ROLES = ["gate", "supervisor", "auditor", "analyst", "organizer", "admin"]
# Decided by the claim's token alone.
BY_TOKEN = ["confirmClaim", "releaseClaim"]
METHODS = ["get", "post", "put", "patch", "delete"]

# What the contract says by itself; the whole matrix comes from the document that is served.
MUST_NOT = [
    ("POST", "/v1/occasions", ["gate", "supervisor", "auditor", "analyst"]),
    ("PATCH", "/v1/occasions/{id}", ["gate", "supervisor", "auditor", "analyst"]),
    ("POST", "/v1/occasions/{id}/open", ["gate", "supervisor", "auditor", "analyst"]),
    ("POST", "/v1/occasions/{id}/cancel", ["gate", "supervisor", "auditor", "analyst"]),
    ("GET", "/v1/keys", ["gate", "supervisor", "auditor", "analyst"]),
    ("POST", "/v1/keys", ["gate", "supervisor", "auditor", "analyst"]),
    ("GET", "/v1/audit", ["gate", "supervisor"]),
]


@pytest.fixture(scope="module")
def document(service):
    return service.anyone.get("/openapi.json").expect(200).json()


@pytest.fixture(scope="module")
def clients(service):
    made = {role: service.client(service.admin.post(
        "/v1/keys", {"name": role, "role": role}).expect(201).json()["key"]) for role in ROLES}
    return {"nobody": service.anyone, **made}


@pytest.fixture(scope="module")
def occasion(service, clients):
    """The organizer's own: of another's it may nothing."""
    return service.occasion(10, state="draft", client=clients["organizer"])


def operations(document):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def filled(path, occasion):
    """The path with an occasion's id; what else it names exists nowhere."""
    path = path.replace("{id}", occasion.id if "/occasions/" in path else "AAAAAAAAAAAAAAAAAAAAAA")
    path = path.replace("{occasion}", occasion.id)
    while "{" in path:
        begin, end = path.index("{"), path.index("}")
        path = path[:begin] + "AAAAAAAAAAAAAAAAAAAAAA" + path[end + 1:]
    return path + (f"?occasion={occasion.id}" if path == "/v1/audit" else "")


def test_every_operation_says_who_may(document):
    known = {"anyone", "holder", *ROLES}
    found = list(operations(document))
    assert found
    for method, path, operation in found:
        roles = operation.get("x-roles")
        assert roles and set(roles) <= known, (method, path, roles)


def test_roles_contain_each_other(document):
    """An organizer may what a supervisor may, a supervisor what a gate may, an admin all."""
    for method, path, operation in operations(document):
        roles = set(operation["x-roles"])
        if "anyone" in roles or roles == {"holder"}:
            continue
        assert "admin" in roles, (method, path)
        if "gate" in roles:
            assert "supervisor" in roles, (method, path)
        if "supervisor" in roles:
            assert "organizer" in roles, (method, path)


def test_each_role_may_what_the_document_says_and_nothing_else(document, clients, occasion):
    """An empty object is sent: who may is answered before the body is looked at."""
    wrong = []
    for method, path, operation in operations(document):
        roles = operation["x-roles"]
        for who, client in clients.items():
            body = None if method == "GET" else {}
            status = client.request(method, filled(path, occasion), body).status
            if roles == ["holder"]:
                fits = status == 401  # the token is missing, whatever key came along
            elif who in roles or "anyone" in roles:
                fits = status not in (401, 403)
            else:
                fits = status == (401 if who == "nobody" else 403)
            if not fits:
                wrong.append((method, path, who, status))
    assert not wrong


def test_who_may_by_a_token_alone_is_its_holder_with_whatever_key(document):
    found = {operation["operationId"]: operation for _, _, operation in operations(document)}
    for name in BY_TOKEN:
        assert found[name]["x-roles"] == ["holder"], name
        assert "403" not in found[name]["responses"], name


def test_who_may_comes_before_the_body(service, clients, occasion):
    for raw, content_type in [(b"{", "application/json"), (b"x", "text/plain")]:
        for path in ["/v1/occasions", "/v1/keys", f"{occasion.path}/open"]:
            sent = {"raw": raw, "Content_Type": content_type}
            clients["nobody"].request("POST", path, **sent).problem(401)
            clients["gate"].request("POST", path, **sent).problem(403)


def test_who_may_comes_before_a_body_that_is_too_long(service, clients):
    """Of the body nothing but its length is sent: nobody waits for the rest."""
    for who, status in [("nobody", 401), ("gate", 403), ("organizer", 413)]:
        with socket.create_connection(service.address.split(":"), timeout=10) as connection:
            key = clients[who].key
            authorization = f"Authorization: Bearer {key}\r\n" if key else ""
            connection.sendall(f"POST /v1/occasions HTTP/1.1\r\nHost: x\r\n{authorization}"
                               f"Content-Length: {2 << 20}\r\n\r\n".encode())
            assert connection.recv(65536).startswith(f"HTTP/1.1 {status} ".encode()), who


@pytest.mark.parametrize("method, path, roles", MUST_NOT)
def test_the_contract_forbids(clients, occasion, method, path, roles):
    body = None if method == "GET" else {}
    clients["nobody"].request(method, filled(path, occasion), body).problem(401)
    for role in roles:
        clients[role].request(method, filled(path, occasion), body).problem(403)


def test_auditors_read_the_audit_trail(clients, occasion):
    clients["auditor"].get(f"/v1/audit?occasion={occasion.id}").expect(200)
    clients["admin"].get("/v1/audit").expect(200)


@pytest.mark.parametrize("role", ["auditor", "organizer"])
def test_a_key_for_one_occasion_reads_that_ones_audit_trail(service, occasion, role):
    made = service.admin.post("/v1/keys", {"name": role, "role": role, "occasion": occasion.id})
    client = service.client(made.expect(201).json()["key"])
    service.occasion(1)
    items = client.get("/v1/audit").expect(200).json()["items"]
    assert "boxoffice.OccasionCreated" in [item["type"] for item in items]
    assert items == client.get(f"/v1/audit?occasion={occasion.id}").expect(200).json()["items"]


def test_nothing_came_of_it(occasion):
    shown = occasion.get().json()
    assert (shown["name"], shown["venue"]) == ("Winter Gala", "")
