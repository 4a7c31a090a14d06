"""What whoever serves HTTPS does when its certificate changes; each with a service that has just
been started."""

import http.client
import signal

from boxoffice_client import await_until


def connected(service, authority, **wanted):
    connection = http.client.HTTPSConnection(service.address, context=authority.trusted(**wanted),
                                             timeout=30)
    connection.connect()
    return connection


def serial_at(service, authority):
    connection = connected(service, authority)
    serial = int(connection.sock.getpeercert()["serialNumber"], 16)
    connection.close()
    return serial


def over(connection, client):
    """The client's `get` and `post` over this connection."""
    def ask(method, path, body=None, **headers):
        return client.request(method, path, body, connection=connection, **headers)
    return ask


def a_new_certificate_is_used_and_open_connections_stay(service, authority):
    ask = over(connected(service, authority), service.anyone)
    ask("GET", "/healthz").expect(200)
    authority.make(2)
    await_until(lambda: serial_at(service, authority) == 2, "the new certificate")
    ask("GET", "/healthz").expect(200)
    assert len(service.logged("info", "certificate from now on")) == 1


def a_hangup_reads_the_files_again(service, authority):
    for times in [1, 2]:
        service.process.send_signal(signal.SIGHUP)
        await_until(lambda: len(service.logged("info", "certificate from now on")) == times,
                    "a line in its log")
    assert serial_at(service, authority) == 1


def a_broken_new_file_is_told_once_and_the_old_one_stays(service, authority):
    whole = authority.certificate.read_text()
    authority.certificate.write_text(whole[:100])
    told = await_until(lambda: service.logged("error", "stays"), "a line in its log")
    assert str(authority.certificate) in told[0]
    assert serial_at(service, authority) == 1
    authority.make(3)
    await_until(lambda: serial_at(service, authority) == 3, "the mended certificate")
    assert len(service.logged("error", "stays")) == 1


RELOADS = [a_new_certificate_is_used_and_open_connections_stay, a_hangup_reads_the_files_again,
           a_broken_new_file_is_told_once_and_the_old_one_stays]
