"""The OpenAPI document is the full truth. Runs last: every answer that the other tests were given
is held against it, and each operation must have been among them."""

import collections
import re

import jsonschema
import pytest

from boxoffice_client import Client

# What the contract has in this part, and a path parameter by any name.
SERVED = [
    ("GET", "/v1/occasions"), ("POST", "/v1/occasions"), ("GET", "/v1/occasions/*"),
    ("PATCH", "/v1/occasions/*"), ("POST", "/v1/occasions/*/open"),
    ("POST", "/v1/occasions/*/close"), ("POST", "/v1/occasions/*/cancel"),
    ("GET", "/v1/occasions/*/availability"), ("POST", "/v1/occasions/*/claims"),
    ("GET", "/v1/occasions/*/claims/*"), ("DELETE", "/v1/occasions/*/claims/*"),
    ("POST", "/v1/occasions/*/claims/*/confirm"), ("GET", "/v1/keys"), ("POST", "/v1/keys"),
    ("DELETE", "/v1/keys/*"), ("GET", "/v1/audit"), ("GET", "/healthz"), ("GET", "/readyz"),
    ("GET", "/metrics"), ("GET", "/openapi.json"), ("GET", "/asyncapi.json"),
    ("GET", "/docs"),
]

CHECKED_OF_A_KIND = 100

# Headers of the message rather than of the answer.
FRAMING = {"date", "content-type", "content-length", "connection"}


@pytest.fixture(scope="module")
def document(service):
    return service.anyone.get("/openapi.json").expect(200).json()


def operations(document):
    return {(method.upper(), path): operation for path, item in document["paths"].items()
            for method, operation in item.items()
            if method in ("get", "post", "put", "patch", "delete")}


def test_it_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] and document["info"]["version"]


def test_it_lists_what_is_served(document):
    listed = {(method, re.sub(r"\{[^}]*\}", "*", path)) for method, path in operations(document)}
    assert not set(SERVED) - listed


def test_what_it_lists_is_served(service, document):
    """No operation is answered as an unknown path or method."""
    for method, path in operations(document):
        concrete = re.sub(r"\{[^}]*\}", "AAAAAAAAAAAAAAAAAAAAAA", path)
        answer = service.admin.request(method, concrete, None if method == "GET" else {})
        assert answer.status != 405, (method, path)
        if "{" not in path:
            assert answer.status != 404, (method, path)


def test_each_operation_has_a_name_of_its_own(document):
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(names) == len(set(names))


def test_each_schema_is_one(document):
    for schema in document.get("components", {}).get("schemas", {}).values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_each_header_is_described(document):
    for operation in operations(document).values():
        for response in operation["responses"].values():
            for header in response["headers"].values():
                described = jsonschema.RefResolver.from_schema(document).resolve(header["$ref"])[1]
                assert described["description"] and described["schema"]


def test_every_answer_of_this_run_fits(document):
    checked, wrong = held_against(document, Client.recorded)
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())
    assert checked


def test_each_operation_succeeded_in_this_run(document):
    """What nobody calls is not checked. Fails where this file is run by itself."""
    checked, _ = held_against(document, Client.recorded)
    succeeded = {(method, path) for method, path, status in checked if 200 <= status < 300}
    assert not set(operations(document)) - succeeded


def held_against(document, answers):
    """How many answers there were of each method, path and status; and by those, what of one is
    not in the document."""
    matchers = [(method, re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)) + "$"), path)
                for method, path in operations(document)]
    served = operations(document)
    resolver = jsonschema.RefResolver.from_schema(document)
    checked, wrong = collections.Counter(), {}
    for answer in answers:
        path = answer.path.split("?")[0]
        found = [(method, listed) for method, pattern, listed in matchers
                 if method == answer.method and pattern.match(path)]
        if not found:
            if answer.status not in (404, 405, 429):
                wrong[answer.method, path] = f"{answer.status} at a path that is not in it"
            continue
        kind = (*found[0], answer.status)
        checked[kind] += 1
        if checked[kind] <= CHECKED_OF_A_KIND and kind not in wrong:
            fault = misfit(answer, served[found[0]], resolver)
            if fault:
                wrong[kind] = fault
    return checked, wrong


def misfit(answer, operation, resolver):
    """What of the answer is not in the document; None where all of it is."""
    responses = operation["responses"]
    response = responses.get(str(answer.status)) or responses.get("default")
    if response is None:
        return f"status {answer.status} is not in it"
    while "$ref" in response:
        response = resolver.resolve(response["$ref"])[1]
    sent = set(answer.headers) - FRAMING - {name.lower() for name in response.get("headers", {})}
    if sent:
        return f"headers that are not in it: {sorted(sent)}"
    if not answer.body:
        return None
    content = {media_type.split(";")[0]: described
               for media_type, described in response.get("content", {}).items()}
    media_type = answer.headers.get("content-type", "").split(";")[0]
    if media_type not in content:
        return f"{media_type} is not in it: {sorted(content)}"
    if not media_type.endswith("json") or "schema" not in content[media_type]:
        return None
    validator = jsonschema.Draft202012Validator(content[media_type]["schema"], resolver=resolver)
    error = next(validator.iter_errors(answer.json()), None)
    return f"{error.message} at {list(error.absolute_path)}" if error else None
