"""The service as its users see it: the built program in a process of its own, spoken to over HTTP.

Everything here uses what the contract promises and nothing of how the program is made.
"""

import dataclasses
import datetime
import http.client
import itertools
import json
import os
import pathlib
import resource
import signal
import subprocess
import threading
import time
import urllib.parse

ADMIN_KEY = "e2e-admin-key-0123456789abcdef"
ADDRESSES = itertools.count(1)


def program():
    """Where the program under test is: ctest says it; by hand it is the release build's."""
    root = pathlib.Path(__file__).resolve().parents[2]
    return pathlib.Path(os.environ.get("BOXOFFICE_BINARY", root / "build/release/boxoffice"))


def outside():
    """The environment without settings of the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BOXOFFICE_")}


def await_until(condition, what, patience_s=10.0):
    """Asks again until `condition` holds and returns what it returned; fails, saying `what`, when
    it never does."""
    deadline = time.monotonic() + patience_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_s} s in vain: {what}")
        time.sleep(0.01)


def fresh_email():
    return f"person-{next(ADDRESSES)}@example.org"


def sequence_of(position):
    return int(position.split(":")[1])


def fresh_ip():
    number = next(ADDRESSES)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclasses.dataclass
class Answer:
    method: str
    path: str
    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def position(self):
        """`partition:sequence` of the answer's command."""
        return self.headers["boxoffice-position"]

    def expect(self, status):
        said = f"{self.method} {self.path}: {self.status}, not {status}: {self.body!r}"
        assert self.status == status, said
        return self

    def problem(self, status, name=None, field=None):
        """Asserts a problem document (RFC 9457) with what the contract asks of each."""
        self.expect(status)
        assert self.headers["content-type"].startswith("application/problem+json"), self.headers
        document = self.json()
        assert document["status"] == status
        assert document["type"] == f"/problems/{document['name']}"
        assert document["title"] and isinstance(document["detail"], str)
        if name is not None:
            assert document["name"] == name, document
        if field is not None:
            assert document.get("field") == field, document
        return document


class Client:
    """Somebody who calls: with a key or without, from an IP. Each request has a connection of its
    own."""

    recorded = []  # every answer of this run; the OpenAPI test holds them against the document

    def __init__(self, address, key=None, ip=None):
        self.address = address
        self.key = key
        self.ip = ip

    def request(self, method, path, body=None, *, raw=None, timeout=30, connection=None, **headers):
        """`body` is sent as JSON, `raw` as it is; header names are written with underscores."""
        sent = {name.replace("_", "-"): str(value) for name, value in headers.items()
                if value is not None}
        if self.key and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.key}"
        if "X-Forwarded-For" not in sent:
            sent["X-Forwarded-For"] = self.ip or fresh_ip()
        payload = raw
        if body is not None:
            payload = json.dumps(body).encode()
        if payload is not None and "Content-Type" not in sent:
            sent["Content-Type"] = "application/json"
        if sent.get("Content-Type") == "":
            del sent["Content-Type"]
        own = connection or http.client.HTTPConnection(self.address, timeout=timeout)
        try:
            own.request(method, path, payload, sent)
            got = own.getresponse()
            answer = Answer(method, path, got.status,
                            {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            if connection is None:
                own.close()
        Client.recorded.append(answer)
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.request("POST", path, body, **headers)

    def patch(self, path, body, **headers):
        return self.request("PATCH", path, body, **headers)

    def delete(self, path, body=None, **headers):
        return self.request("DELETE", path, body, **headers)

    def items(self, path, **query):
        """All items of a list, page by page."""
        found, after = [], None
        while True:
            asked = {**query, **({"after": after} if after else {})}
            page = self.get(f"{path}?{urllib.parse.urlencode(asked)}").expect(200).json()
            found += page["items"]
            after = page["next"]
            if after is None:
                return found


class Service:
    """`boxoffice serve` on a data directory. May be stopped, killed and started again."""

    role = "serve"
    listens_at = "--listen"
    logs = set()  # of all of this run

    def __init__(self, home, *flags, environment=None, listen="127.0.0.1:0", open_files=None):
        self.home = pathlib.Path(home)
        self.data = self.home / "data"
        self.flags = flags
        wanted = {"BOXOFFICE_ADMIN_KEY": ADMIN_KEY, "BOXOFFICE_TRUSTED_PROXIES": "127.0.0.1",
                  **(environment or {})}
        self.environment = {name: value for name, value in {**outside(), **wanted}.items()
                            if value is not None}  # None: without that variable
        self.listen = listen
        self.open_files = open_files  # (soft, hard) limit of the process
        self.process = None
        self.address = listen  # with port 0 only until it serves

    def launch(self, *flags):
        """Starts the process without waiting for it."""
        self.logs.add(self.log)
        self.ready_file.unlink(missing_ok=True)
        with self.output() as log:
            self.process = subprocess.Popen(
                [program(), self.role, self.listens_at, self.listen, "--data", self.data,
                 "--ready-file", self.ready_file, *self.flags, *flags],
                env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, preexec_fn=self.open_files and self.limit_open_files)
        return self

    def output(self):
        """Where it says what it says."""
        return open(self.log, "ab")

    def limit_open_files(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, self.open_files)

    def start(self, *flags, patience_s=60):
        return self.launch(*flags).await_ready(patience_s)

    def await_ready(self, patience_s=60):
        def listening():
            ended = self.process.poll()
            assert ended is None, f"ended with {ended}: {self.said()}"
            try:
                return json.loads(self.ready_file.read_text())["listen"]
            except (FileNotFoundError, ValueError):
                return None

        self.address = await_until(listening, "the ready file", patience_s)
        return self

    def stop(self, how=signal.SIGTERM, patience_s=30):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(patience_s)

    def kill(self):
        self.stop(signal.SIGKILL)

    def restart_after_kill(self):
        self.kill()
        return self.start()

    @property
    def ready_file(self):
        return self.home / "ready.json"

    @property
    def log(self):
        return self.home / "service.log"

    def said(self):
        return self.log.read_text(errors="replace")[-8000:] if self.log.exists() else ""

    def logged(self, level, *words):
        """The messages of this level in its log that have all these words; lines that are whole.
        A line that is no JSON raises."""
        return [line["message"] for line in self.lines() if line["level"] == level
                and all(word in line["message"] for word in words)]

    def lines(self, event=None):
        """Those of its log that tell of `event`, or all."""
        written = self.log.read_text(errors="replace").split("\n")[:-1]
        said = [json.loads(line) for line in written]
        return [line for line in said if event in (None, line["event"])]

    def warned(self, *words):
        return self.logged("warning", *words)

    def client(self, key=None, ip=None):
        return Client(self.address, key, ip)

    @property
    def admin(self):
        return self.client(ADMIN_KEY)

    @property
    def anyone(self):
        return self.client()

    def tool(self, *arguments, status=0):
        """Runs `boxoffice …` and returns what it printed; asserts how it ended (None: with an
        error)."""
        done = subprocess.run([program(), *map(str, arguments)], capture_output=True, timeout=120,
                              env=outside(), cwd=self.home)
        ended_so = done.returncode != 0 if status is None else done.returncode == status
        assert ended_so, f"{arguments}: {done.returncode}: {done.stdout!r} {done.stderr!r}"
        return done.stdout.decode() + (done.stderr.decode() if status is None else "")

    def history(self):
        """Each stored event value, in partition and sequence order, as text."""
        return self.tool("replay", "show", "--data", self.data, "--format", "jsonl").splitlines()

    def occasion(self, *capacities, state="open", client=None, **fields):
        """A new occasion with pools `main`, `second`, `third` … of these capacities."""
        names = ["main", "second", "third", "fourth"]
        body = {"name": "Winter Gala", "starts_at": "2030-01-16T19:00:00.000Z",
                "pools": [{"name": name, "capacity": capacity}
                          for name, capacity in zip(names, capacities or (10,))],
                "claims": {}, **fields}
        client = client or self.admin
        made = client.post("/v1/occasions", body).expect(201)
        occasion = Occasion(self, made.json()["id"], made)
        steps = {"draft": [], "open": ["open"], "closed": ["open", "close"],
                 "cancelled": ["cancel"]}
        for step in steps[state]:
            client.post(f"{occasion.path}/{step}").expect(200)
        return occasion


class Occasion:
    """Reads through it see what was done through it: read models may be behind, and each answer
    to a command says how far they must be."""

    def __init__(self, service, occasion_id, created):
        self.service = service
        self.id = occasion_id
        self.path = f"/v1/occasions/{occasion_id}"
        self.created = created  # the answer to its creation
        self.position = None  # of the latest answer
        self.noting = threading.Lock()

    def noted(self, answer):
        position = answer.headers.get("boxoffice-position")
        with self.noting:
            if position and (self.position is None or
                             sequence_of(position) > sequence_of(self.position)):
                self.position = position
        return answer

    def claim(self, email=None, ip=None, **headers):
        body = {"email": email or fresh_email()}
        return self.noted(self.service.client(ip=ip).post(f"{self.path}/claims", body, **headers))

    def claimed(self, email=None, ip=None, **headers):
        """The body of a claim that must be granted."""
        return self.claim(email, ip, **headers).expect(201).json()

    def confirm(self, claim, token=None):
        return self.noted(self.service.anyone.post(f"{self.path}/claims/{claim['id']}/confirm",
                                                   {"token": token or claim["token"]}))

    def release(self, claim, token=None):
        return self.noted(self.service.anyone.delete(f"{self.path}/claims/{claim['id']}",
                                                     {"token": token or claim["token"]}))

    def shown(self, claim, token=None):
        token = urllib.parse.quote(token or claim["token"])
        return self.service.anyone.get(f"{self.path}/claims/{claim['id']}?token={token}",
                                       Boxoffice_At_Least=self.position)

    def get(self, **headers):
        return self.service.admin.get(
            self.path, **{"Boxoffice_At_Least": self.position, **headers})

    def change(self, change, **headers):
        return self.noted(self.service.admin.patch(self.path, change, **headers))

    def step(self, step, **headers):
        return self.noted(self.service.admin.post(f"{self.path}/{step}", **headers))

    def availability(self, at_least=None):
        """The counts, that of each position adding up."""
        asked = self.service.anyone.get(f"{self.path}/availability",
                                        Boxoffice_At_Least=at_least or self.position)
        counts = asked.expect(200).json()
        for each in [counts, *counts["pools"]]:
            total = each["free"] + each["claimed"] + each["issued"] + each["burned"]
            assert total == each["capacity"], counts
        for what in ["capacity", "free", "claimed", "issued", "admitted", "burned"]:
            assert counts[what] == sum(pool[what] for pool in counts["pools"]), counts
        return counts


class Threads:
    """All calls at the same moment, each on a thread of its own. What fails there fails in
    `results`: an assertion in a bare thread is nothing to pytest but a warning. Who hangs does not
    keep the tests from ending: nobody waits for these threads but `results`."""

    def __init__(self, calls):
        self._results = [None] * len(calls)
        self._gate = threading.Barrier(len(calls))
        self._threads = [threading.Thread(target=self._run, args=each, daemon=True)
                         for each in enumerate(calls)]
        for thread in self._threads:
            thread.start()

    def _run(self, index, call):
        self._gate.wait()
        try:
            self._results[index] = call()
        except Exception as error:  # handed to the test's thread
            self._results[index] = error

    def results(self):
        """Waits for all; what they returned, in order."""
        for thread in self._threads:
            thread.join()
        for result in self._results:
            if isinstance(result, Exception):
                raise result
        return self._results


def instant(text):
    """A time of an answer, which is UTC to the millisecond."""
    assert text.endswith("Z") and len(text) == len("2027-01-16T19:00:00.000Z"), text
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def at_once(calls):
    """Makes all calls at the same moment; their results in order, failures raised."""
    return Threads(calls).results()
