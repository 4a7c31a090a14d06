"""`boxoffice projector`, and a client of its query protocol that was written from the protocol's
description (projections/transport/messages.hpp), not with the program's code."""

import base64
import collections
import json
import pathlib
import re
import signal
import socket
import struct
import subprocess

from boxoffice_client import Client, await_until, outside, program
from kafka_service import PATIENCE_S

MAGIC, VERSION = 0x424F5851, 1
HELLO, ASK, PING = range(3)
WELCOME, REFUSED, ANSWERED, UNANSWERED, PONG = range(5)
ARRIVAL, OCCASION, OCCASIONS, AVAILABILITY, CLAIM, KEY, KEYS, AUDIT, WRAPPED_KEYS = range(9)


class NotReached(Exception):
    pass


def of_id(text):
    """The sixteen bytes of an id: base64url without padding."""
    return base64.urlsafe_b64decode(text + "==")


def of_text(text):
    return struct.pack(">I", len(text.encode())) + text.encode()


class Taken:
    """Takes values off an answer, one after another."""

    def __init__(self, payload):
        self.rest = payload

    def take(self, form):
        size = struct.calcsize(">" + form)
        taken, self.rest = self.rest[:size], self.rest[size:]
        values = struct.unpack(">" + form, taken)
        return values[0] if len(values) == 1 else values

    def bytes(self):
        size = self.take("I")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken


class Asking:
    """One connection to a projector."""

    def __init__(self, address, deployment=""):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=PATIENCE_S)
        self.number = 0
        self.send(HELLO, struct.pack(">IH", MAGIC, VERSION) + of_text(deployment))
        kind, payload = self.receive()
        assert kind == WELCOME, payload
        self.deployment = Taken(payload).bytes().decode()

    def send(self, kind, payload):
        self.socket.sendall(struct.pack(">IB", len(payload) + 1, kind) + payload)

    def receive(self):
        size = struct.unpack(">I", self.exactly(4))[0]
        payload = self.exactly(size)
        return payload[0], payload[1:]

    def exactly(self, size):
        got = b""
        while len(got) < size:
            more = self.socket.recv(size - len(got))
            assert more, "the projector has hung up"
            got += more
        return got

    def health(self):
        self.send(PING, struct.pack(">Q", 1))
        kind, payload = self.receive()
        assert kind == PONG
        taken = Taken(payload)
        _, ready, lag_ms, _, count = taken.take("Q?III")
        return {"ready": ready, "lag_ms": lag_ms, "applied": [taken.take("Q") for _ in range(count)]}

    def ask(self, question, payload, at_least=None, wait_ms=20_000):
        """The answer's bytes, behind its number and kind."""
        self.number += 1
        positions = [tuple(map(int, at_least.split(":")))] if at_least else []
        self.send(ASK, struct.pack(">QI?I", self.number, wait_ms, True, len(positions))
                  + b"".join(struct.pack(">HQ", *each) for each in positions)
                  + bytes([question]) + payload)
        kind, answer = self.receive()
        taken = Taken(answer)
        assert taken.take("Q") == self.number
        if kind == UNANSWERED:
            assert taken.take("B") == 0, "nobody could be asked"
            raise NotReached
        assert kind == ANSWERED and taken.take("B") == question
        return taken

    def availability(self, occasion, at_least=None, **how):
        taken = self.ask(AVAILABILITY, of_id(occasion), at_least, **how)
        return json.loads(taken.bytes()) if taken.take("?") else None

    def audit(self, occasion, limit=500):
        """The values of the events."""
        taken = self.ask(AUDIT, b"\1" + of_id(occasion) + b"\0" * 6 + of_text("")
                         + struct.pack(">H", limit))
        assert taken.take("?"), "it cannot read the trail"
        values = []
        for _ in range(taken.take("I")):
            taken.take("HQ")
            values.append(taken.bytes().decode())
        return values


class Projector:
    """`boxoffice projector` on a data directory."""

    def __init__(self, home, cluster, prefix):
        self.home = pathlib.Path(home)
        self.home.mkdir(exist_ok=True)
        self.data = self.home / "data"
        self.ready_file = self.home / "ready.json"
        self.where = ["--brokers", cluster.brokers, "--kafka-prefix", prefix]
        self.process = None

    def launch(self):
        self.ready_file.unlink(missing_ok=True)
        with open(self.home / "projector.log", "ab") as log:
            self.process = subprocess.Popen(
                [program(), "projector", "--query-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0",
                 "--data", self.data, "--ready-file", self.ready_file, *self.where],
                env=outside(), cwd=self.home, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def await_ready(self):
        def listening():
            assert self.process.poll() is None, self.said()
            return self.is_ready() and json.loads(self.ready_file.read_text())["listen"]

        self.address = await_until(listening, "the projector's ready file", PATIENCE_S)
        return self

    def start(self):
        return self.launch().await_ready()

    def is_ready(self):
        return self.ready_file.exists()

    def said(self):
        return (self.home / "projector.log").read_text(errors="replace")

    def status(self, path):
        """What it tells of itself over HTTP."""
        [listen] = re.findall(r"status at http://([0-9.:]+)", self.said())[-1:]
        return Client(listen).get(path)

    def metrics(self):
        """Sums over the partitions."""
        found = collections.Counter()
        for name, value in re.findall(r"^(\w+)(?:\{.*\})? (\S+)$",
                                      self.status("/metrics").expect(200).body.decode(), re.M):
            found[name] += float(value)
        return found

    def ask(self):
        return Asking(self.address)

    def stop(self, how=signal.SIGTERM):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)
