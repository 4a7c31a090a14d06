"""HTTPS at the service itself: with certificates of a CA of the test's own."""

import socket
import ssl

import pytest

from authority import Authority
from boxoffice_client import Service, await_until, fresh_email
from certificate_reload import RELOADS, connected, over, serial_at


@pytest.fixture
def own_authority(tmp_path):
    return Authority(tmp_path / "authority")


@pytest.fixture
def https(start, authority):
    def start_service(*flags, of=authority):
        return start("--limits", "off", "--tls-cert", of.certificate, "--tls-key", of.key, *flags)
    return start_service


def plain(service):
    host, port = service.address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=30)


def test_claims_are_made_over_one_connection(https, authority):
    service = https()
    ask = over(connected(service, authority), service.admin)
    body = {"name": "Winter Gala", "starts_at": "2030-01-16T19:00:00.000Z",
            "pools": [{"name": "main", "capacity": 50}], "claims": {}}
    path = f"/v1/occasions/{ask('POST', '/v1/occasions', body).expect(201).json()['id']}"
    ask("POST", f"{path}/open").expect(200)
    for _ in range(50):
        ask("POST", f"{path}/claims", {"email": fresh_email()}).expect(201)
    ask("POST", f"{path}/claims", {"email": fresh_email()}).problem(409, "sold_out")
    assert service.logged("info", "listening on https://")


def test_large_bodies_go_both_ways(https, authority):
    """Of many records of TLS each."""
    service = https()
    ask = over(connected(service, authority), service.admin)
    assert len(ask("GET", "/openapi.json").expect(200).body) > 3 * 16384
    ask("POST", "/v1/occasions", {"name": "x" * 200_000}).expect(400)
    ask("POST", "/v1/occasions", {"name": "x" * 2_000_000}).expect(413)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_that_are_safe(https, authority, version):
    connection = connected(https(), authority, minimum_version=version, maximum_version=version)
    assert connection.sock.version() == version.name.replace("_", ".")
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_older_versions_are_refused(https, authority):
    service = https()
    old = authority.trusted()
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with plain(service) as connection, pytest.raises(ssl.SSLError):
        old.wrap_socket(connection, server_hostname="localhost")


def test_http_is_the_protocol_that_is_agreed_on(https, authority):
    service = https()
    context = authority.trusted()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(plain(service), server_hostname="localhost") as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


@pytest.mark.parametrize("reload", RELOADS, ids=lambda each: each.__name__)
def test_its_files_are_read_again(https, own_authority, reload):
    reload(https(of=own_authority), own_authority)


def test_wrong_files_are_refused_by_the_settings_name(tmp_path, authority):
    def refused(*flags):
        service = Service(tmp_path).launch(*flags)
        assert service.process.wait(30) == 2, service.said()
        return service.said().splitlines()[-1]

    other = Authority(tmp_path / "other")
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----\n")
    locked = tmp_path / "locked.key"
    authority.openssl("pkey", "-in", authority.key, "-aes256", "-passout", "pass:x", "-out", locked)
    certificate, key = ["--tls-cert", authority.certificate], ["--tls-key", authority.key]
    assert "setting tls-key: is needed with tls-cert" in refused(*certificate)
    assert "setting tls-cert: is needed with tls-key" in refused(*key)
    for flags, setting, words in [
            (["--tls-cert", tmp_path / "nowhere.pem", *key], "tls-cert", "No such file"),
            (["--tls-cert", garbage, *key], "tls-cert", "garbage.pem"),
            ([*certificate, "--tls-key", tmp_path / "nowhere.key"], "tls-key", "No such file"),
            ([*certificate, "--tls-key", other.key], "tls-key", "is not the key of"),
            ([*certificate, "--tls-key", locked], "tls-key", "passphrase")]:
        said = refused(*flags)
        assert f"setting {setting}:" in said and words in said, said
    assert not (tmp_path / "data").exists()


def test_a_request_in_clear_is_told_so(https):
    with plain(https()) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        assert answer.startswith(b"HTTP/1.1 400 ") and b"HTTPS" in answer, answer


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x02", b"\x00" * 64, b"hello\r\n\r\n"],
                         ids=["silence", "a hello's beginning", "zeros", "words"])
def test_who_does_not_shake_hands_is_cut_off(https, authority, sent):
    service = https("--request-timeout-ms", "300")
    with plain(service) as connection:
        connection.sendall(sent)
        try:
            # At most an alert, and then the end; without one `recv` fails by its time-out.
            while connection.recv(65536):
                pass
        except ConnectionResetError:
            pass
    assert serial_at(service, authority) == 1


def test_stalled_handshakes_count_as_connections(https, authority):
    service = https("--connections-max", "2", "--request-timeout-ms", "60000")
    stalled = [plain(service) for _ in range(2)]
    with plain(service) as connection:
        assert connection.recv(1) == b""
    for each in stalled:
        each.close()

    def serves():
        try:
            return serial_at(service, authority) == 1
        except (ssl.SSLError, OSError):
            return False
    await_until(serves, "room for a connection")


def test_it_ends_while_hands_are_being_shaken(https, authority):
    service = https("--request-timeout-ms", "60000")
    idle = connected(service, authority)
    with plain(service):
        assert service.stop() == 0
    assert idle.sock.recv(1) == b""
