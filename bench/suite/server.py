"""The servers under measurement, started on free loopback ports and stopped with their `with`
block."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import time

from . import setting

ADMIN_KEY = "bench-admin-key-0123456789abcdef"


class Server:
    """A program that writes `--ready-file` once it serves."""

    def __init__(self, command, directory, environment=None):
        self._ready_file = pathlib.Path(directory) / "ready.json"
        self._ready_file.unlink(missing_ok=True)
        self._log = open(pathlib.Path(directory) / "server.log", "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [*map(str, command), "--ready-file", str(self._ready_file)],
            env={**os.environ, **(environment or {})}, stdout=self._log, stderr=self._log)
        self.address = self.status = self._await_ready()
        self.ready_after_s = time.monotonic() - began

    def _await_ready(self, patience_s=120):
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                return json.loads(self._ready_file.read_text()).get("listen")
            except (FileNotFoundError, ValueError):
                time.sleep(0.002)
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"did not become ready; see {self._log.name}")

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=120)
        self._log.close()

    def log(self):
        return pathlib.Path(self._log.name).read_text()

    def metrics(self):
        """The samples of /metrics by name and labels."""
        lines = ask(self.status, "GET", "/metrics").decode().splitlines()
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))}

    def read_lag_s(self):
        """How far the read models are behind now, in the partition that is furthest."""
        return max(value for name, value in self.metrics().items()
                   if name.startswith("boxoffice_read_lag_seconds"))

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def ask(address, method, path, body=None, **headers):
    """The body of an answer that is no refusal."""
    connection = http.client.HTTPConnection(address, timeout=120)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text!r}")
        return text
    finally:
        connection.close()


def bare(bench, directory, body_bytes, threads=2):
    command = [bench.tool("boxoffice_bare_server"), "--threads", threads,
               "--body-bytes", body_bytes]
    server = Server(command, directory)
    server.stop = lambda: Server.stop(server, signal.SIGKILL)
    return server


class Gateway(Server):
    """What answers HTTP of the product: all of it, or a role."""

    def __init__(self, bench, directory, role, *arguments):
        self.data = pathlib.Path(directory) / "data"
        command = [bench.boxoffice, role, "--listen", "127.0.0.1:0", "--data", self.data,
                   "--limits", "off", *arguments]
        super().__init__(command, directory, {
            "BOXOFFICE_ADMIN_KEY": ADMIN_KEY, "BOXOFFICE_TRUSTED_PROXIES": "127.0.0.1"})
        self.first = 0  # number of the next claim: each has an address of its own

    def request(self, method, path, body=None, **headers):
        return ask(self.address, method, path, body, Authorization=f"Bearer {ADMIN_KEY}", **headers)

    def open_occasion(self, capacity, ttl_ms=86_400_000, on_expiry="return"):
        """An open occasion of one pool; its id."""
        made = json.loads(self.request("POST", "/v1/occasions", {
            "name": f"Bench {capacity}", "starts_at": "2030-01-16T19:00:00.000Z",
            "pools": [{"name": "main", "capacity": capacity}],
            "claims": {"ttl_ms": ttl_ms, "on_expiry": on_expiry}}))
        self.request("POST", f"/v1/occasions/{made['id']}/open")
        return made["id"]

    def availability(self, occasion):
        return json.loads(self.request("GET", f"/v1/occasions/{occasion}/availability"))

    def claim(self, bench, occasion, *arguments):
        """Claims by the load generator, each from an address not used before on this server; its
        report."""
        report = bench.load(self, *arguments, "--first", self.first, "claims",
                            "--occasion", occasion)
        self.first += report["sent"]
        return report

    def claim_exactly(self, bench, occasion, count):
        """That many claims as fast as 64 connections make them; all granted."""
        report = self.claim(bench, occasion, "--requests", count, "--warmup", 0, "--seconds", 3600)
        return setting.expect_status(report, 201)

    def await_read_models(self, patience_s=60):
        """Returns when the service says it is ready: its read models are at the log's end."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return self.request("GET", "/readyz")
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


class Product(Gateway):
    """All of it in one process."""

    def __init__(self, bench, directory, *arguments):
        super().__init__(bench, directory, "serve", *arguments)


def answer_sizes(product, occasion):
    """Bytes of the body of a granted claim and of an availability."""
    claim = product.request("POST", f"/v1/occasions/{occasion}/claims",
                            {"email": "size-000000000000@example.org"},
                            **{"X-Forwarded-For": "100.0.0.1"})
    return len(claim), len(product.request("GET", f"/v1/occasions/{occasion}/availability"))
