"""Connections that misbehave get what they deserve, and cost nobody else anything."""

import http.client
import json
import re
import socket
import time

import pytest

from boxoffice_client import Service, await_until, fresh_email

REQUEST_TIMEOUT_MS = 600


@pytest.fixture(scope="module")
def impatient(tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("impatient"), "--limits", "off",
                      "--request-timeout-ms", str(REQUEST_TIMEOUT_MS)).start()
    yield service
    assert service.stop() == 0, service.said()


def connected(service):
    host, port = service.address.split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def request_bytes(occasion, email=None, length=None):
    body = json.dumps({"email": email or fresh_email()}).encode()
    return (f"POST {occasion.path}/claims HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"X-Forwarded-For: 203.0.113.{len(body)}\r\n"
            f"Content-Length: {length or len(body)}\r\n\r\n").encode() + body


def read_all(connection):
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def test_slow_senders_are_cut_off_and_hold_up_nobody(impatient):
    occasion = impatient.occasion(100_000)
    slow = [connected(impatient) for _ in range(50)]
    for connection in slow:
        connection.sendall(request_bytes(occasion, length=4000))
    began = time.monotonic()
    while time.monotonic() < began + REQUEST_TIMEOUT_MS / 1000:
        asked = time.monotonic()
        occasion.claimed()
        assert time.monotonic() - asked < 2
    for connection in slow:
        answer = read_all(connection)  # ends when the server closes
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer
        connection.close()
    assert time.monotonic() - began < 15


def test_a_header_that_never_ends_is_cut_off(impatient):
    with connected(impatient) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        answer = read_all(connection)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer


def test_a_half_closed_connection_gets_its_answer(service):
    occasion = service.occasion(1)
    with connected(service) as connection:
        connection.sendall(request_bytes(occasion))
        connection.shutdown(socket.SHUT_WR)
        answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 201 ")
    [position] = re.findall(rb"\r\nBoxoffice-Position: ([0-9:]+)\r\n", answer)
    assert occasion.availability(position.decode())["claimed"] == 1


def test_a_request_cut_off_midway_changes_nothing(service):
    occasion = service.occasion(1)
    whole = request_bytes(occasion)
    for cut in [5, 40, len(whole) - 20, len(whole) - 1]:
        with connected(service) as connection:
            connection.sendall(whole[:cut])
    occasion.claimed()


def test_a_client_that_leaves_before_its_answer_harms_nobody(service):
    occasion = service.occasion(200)
    for _ in range(50):
        with connected(service) as connection:
            connection.sendall(request_bytes(occasion))
    await_until(lambda: service.anyone.get("/readyz").status == 200, "readiness")
    occasion.claimed()


def test_requests_may_follow_each_other_without_waiting(service):
    occasion = service.occasion(5)
    count = 5
    with connected(service) as connection:
        connection.sendall(b"".join(
            request_bytes(occasion, f"pipelined-{number}{'x' * number}@example.org")
            for number in range(count)))
        received = b""
        while received.count(b"HTTP/1.1 201 ") < count:
            chunk = connection.recv(65536)
            assert chunk, received
            received += chunk
    numbers = [int(part.split(b"}")[0].split(b",")[0])
               for part in received.split(b'"number":')[1:]]
    assert numbers == [1, 2, 3, 4, 5]


def test_a_connection_is_kept_and_closed_as_asked(service):
    kept = http.client.HTTPConnection(service.address, timeout=10)
    for _ in range(3):
        service.anyone.request("GET", "/healthz", connection=kept).expect(200)
    kept.close()
    with connected(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
    with connected(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b" 200 " in read_all(connection).split(b"\r\n")[0]


def idle(service):
    """A connection that is kept, after a request on it."""
    connection = http.client.HTTPConnection(service.address, timeout=20)
    service.anyone.request("GET", "/healthz", connection=connection).expect(200)
    return connection


def test_the_limit_of_open_files_is_raised_as_far_as_it_goes(start):
    service = start("--limits", "off", open_files=(256, 4096))
    occasion = service.occasion(10)
    held = [idle(service) for _ in range(600)]
    occasion.claimed()
    for connection in held:
        connection.close()


def test_connections_leave_the_log_its_open_files(start):
    """However many come: who is connected is served, and one more is told."""
    service = start("--limits", "off", open_files=(128, 512))
    occasion = service.occasion(10)
    [warning] = service.logged("warning", "setting connections-max: at most 256 are held")
    assert "512 files" in warning
    held = [idle(service) for _ in range(256)]
    with connected(service) as refused:
        assert b'"name":"too_many_connections"' in read_all(refused)
    for connection in held[:5]:
        service.anyone.request("POST", f"{occasion.path}/claims", {"email": fresh_email()},
                               connection=connection).expect(201)
    for connection in held:
        connection.close()
    await_until(lambda: occasion.claim().status == 201, "room for another")


@pytest.mark.parametrize("nonsense", [
    b"hello\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /v1/occasions HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"y" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
], ids=lambda nonsense: repr(nonsense[:30]))
def test_what_is_no_http_is_refused(impatient, nonsense):
    with connected(impatient) as connection:
        try:
            connection.sendall(nonsense)
            connection.shutdown(socket.SHUT_WR)
            answer = read_all(connection)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
        assert answer == b"" or answer[9:10] in (b"4", b"5"), answer[:200]
        assert not answer.startswith(b"HTTP/1.1 500"), answer[:200]
    impatient.anyone.get("/healthz").expect(200)


@pytest.mark.parametrize("hosts", [b"", b"Host: x\r\nHost: x\r\n", b"Host: a b\r\n"])
def test_a_request_names_one_host(service, hosts):
    with connected(service) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n" + hosts + b"\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("refused, status", [
    (b"hello\r\n\r\n", b"400"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", b"431"),
    (b"POST /v1/occasions/AAAAAAAAAAAAAAAAAAAAAA/claims HTTP/1.1\r\nHost: x\r\n"
     b"Content-Length: 99999999\r\n\r\n", b"413"),
], ids=["malformed", "headers", "body"])
def test_what_is_refused_unread_has_a_name_too(service, refused, status):
    with connected(service) as connection:
        connection.sendall(refused)
        answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
        assert b"\r\nX-Request-Id: " in answer


def test_a_body_in_chunks_is_taken(service):
    occasion = service.occasion(1)
    body = json.dumps({"email": fresh_email()}).encode()
    with connected(service) as connection:
        connection.sendall(
            f"POST {occasion.path}/claims HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for byte in body:
            connection.sendall(b"1\r\n" + bytes([byte]) + b"\r\n")
        connection.sendall(b"0\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 201 ")


def test_an_endless_body_in_chunks_is_cut_off(start):
    """It is told so, and may go on talking to nobody for a moment only."""
    service = start("--limits", "off", "--body-bytes-max", "4096")
    occasion = service.occasion(1)
    with connected(service) as connection:
        connection.sendall(
            f"POST {occasion.path}/claims HTTP/1.1\r\nHost: x\r\n"
            f"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
        for _ in range(8):
            connection.sendall(chunk)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
        deadline = time.monotonic() + 10
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            while time.monotonic() < deadline:
                connection.sendall(chunk)
    service.anyone.get("/healthz").expect(200)
