"""The tests' own network does to connections what it says."""

import contextlib
import socket
import threading

import pytest

from faulty_network import DELAY_S, DRIP_BYTES, Fault, FaultyNetwork

PATIENCE_S = 30
LONG_TEXT = bytes(range(256)) * 8
assert len(LONG_TEXT) > DRIP_BYTES


class Echo:
    """A server that keeps what it is sent, and sends it back in capitals."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received = b""
        self.saw_end = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=[connection], daemon=True).start()

    def answer(self, connection):
        with connection, contextlib.suppress(ConnectionResetError):
            while data := connection.recv(65536):
                self.received += data
                connection.sendall(data.upper())
            self.saw_end.set()


@pytest.fixture
def echo():
    server = Echo()
    yield server
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()


@pytest.fixture
def way(echo):
    network = FaultyNetwork()
    made = network.way()
    made.leads_to([echo.port])
    yield made
    network.end()


@pytest.fixture
def connect(way):
    opened = []

    def open_one():
        opened.append(socket.create_connection(("127.0.0.1", way.ports[0]), PATIENCE_S))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


def ask(connection, text=b"hello"):
    connection.sendall(text)
    answer = b""
    while len(answer) < len(text):
        got = connection.recv(65536)
        if not got:
            raise EOFError
        answer += got
    return answer


def expect_silence(connection):
    connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        connection.recv(1)
    connection.settimeout(PATIENCE_S)


def test_without_a_fault_all_passes_and_both_ends_end(connect, echo):
    client = connect()
    assert ask(client, LONG_TEXT) == LONG_TEXT.upper()
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b"", "the end of the answers"
    assert echo.saw_end.wait(PATIENCE_S)


@pytest.mark.parametrize("fault", [Fault.DELAY, Fault.DRIP])
def test_a_bad_line_passes_all_on(connect, way, fault):
    client = connect()
    way.suffer(fault)
    assert ask(client, LONG_TEXT) == LONG_TEXT.upper()


def test_what_is_delayed_is_not_there_at_once(connect, way):
    client = connect()
    way.suffer(Fault.DELAY)
    client.sendall(b"hello")
    client.settimeout(DELAY_S)  # there, and back
    with pytest.raises(TimeoutError):
        client.recv(1)


def test_what_is_cut_is_reset_until_it_heals(connect, way):
    client = connect()
    ask(client)
    way.suffer(Fault.CUT)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    with pytest.raises(ConnectionResetError):
        ask(connect())
    way.heal()
    assert ask(connect()) == b"HELLO"


def test_who_is_hung_up_on_is_still_heard(connect, way, echo):
    client = connect()
    ask(client)
    way.suffer(Fault.HANG_UP)
    assert client.recv(1) == b""
    client.sendall(b" and more")
    client.shutdown(socket.SHUT_WR)
    assert echo.saw_end.wait(PATIENCE_S)
    assert echo.received == b"hello and more"
    assert client.recv(1) == b"", "and not answered"
    assert ask(connect()) == b"HELLO"


def test_who_is_half_open_is_told_nothing(connect, way, echo):
    client = connect()
    ask(client)
    way.suffer(Fault.HALF_OPEN)
    assert echo.saw_end.wait(PATIENCE_S)
    client.sendall(b" and more")
    expect_silence(client)
    assert echo.received == b"hello"
    assert ask(connect()) == b"HELLO"


def test_what_a_black_hole_swallowed_arrives_when_it_is_over(connect, way):
    before = connect()
    ask(before)
    way.suffer(Fault.BLACK_HOLE)
    meanwhile = connect()
    for client in [before, meanwhile]:
        client.sendall(b"hello")
        expect_silence(client)
    way.heal()
    assert before.recv(5) == meanwhile.recv(5) == b"HELLO"
