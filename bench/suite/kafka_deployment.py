"""The product as processes of its own on one real broker: a processor, a projector, a gateway."""

import pathlib
import socket
import subprocess
import sys

from .server import ADMIN_KEY, Gateway, Server
from .setting import discard

DEV_CLUSTER = pathlib.Path(__file__).resolve().parents[2] / "kafka/dev_cluster"


class Broker:
    """One node on free ports; it ends with the `with` block, or with this program."""

    def __init__(self, home):
        self._process = subprocess.Popen(
            [DEV_CLUSTER, "start", "--attached", "--port", "0", "--data", home],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.brokers = self._process.stdout.readline().strip()
        if not self.brokers:
            raise RuntimeError("no broker could be started")
        self._node = pathlib.Path(home) / "node-1"
        self.pid = int((self._node / "pid").read_text())

    def __enter__(self):
        return self

    def __exit__(self, failure=None, *_):
        """Where something went wrong, what the broker said goes with it: its log is about to go."""
        if failure is not None:
            said = (self._node / "log").read_text(errors="replace").splitlines()
            print("\n".join(["the broker said last:", *said[-40:]]), file=sys.stderr)
        self._process.stdin.close()
        self._process.wait(timeout=120)


class Deployment:
    """Processor, projector and gateway with one partition of everything that they share."""

    def __init__(self, bench, directory, brokers, *deciding):
        self._servers = []
        self._directory = pathlib.Path(directory)
        self._brokers = brokers
        self._bench = bench
        questions, telling = free_address(), free_address()
        try:
            self.processor = self._start("processor", "--session-timeout-ms", "6000", *deciding)
            self.projector = self._start("projector", "--query-listen", questions,
                                         "--listen", telling)
            self.projector.status = telling
            self.gateway = self._keep(Gateway(
                bench, self._folder("gateway"), "gateway", "--brokers", brokers,
                "--projectors", questions))
        except BaseException:
            self.__exit__()
            raise

    def another_processor(self, name):
        """One of another machine, which has an empty directory."""
        return self._start("processor", "--session-timeout-ms", "6000", name=name)

    def _start(self, role, *arguments, name=None):
        folder = self._folder(name or role)
        return self._keep(Server(
            [self._bench.boxoffice, role, "--brokers", self._brokers, "--data", folder / "data",
             *arguments], folder, {"BOXOFFICE_ADMIN_KEY": ADMIN_KEY}))

    def _folder(self, role):
        """With the keys that the machines of a deployment have in common."""
        folder = self._directory / role
        folder.mkdir(parents=True)
        first = self._directory / "processor" / "data"
        if first.exists():
            (folder / "data").mkdir()
            for name in ("master.key", "pepper.key"):
                (folder / "data" / name).write_bytes((first / name).read_bytes())
                (folder / "data" / name).chmod(0o600)
        return folder

    def _keep(self, server):
        self._servers.append(server)
        return server

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in reversed(self._servers):
            server.stop()


def free_address():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


class OnKafka:
    """A broker and a deployment in a directory of their own, gone after the `with` block."""

    def __init__(self, bench, name, *deciding):
        self._bench, self._name, self._deciding = bench, name, deciding

    def __enter__(self):
        self._directory = self._bench.directory(self._name)
        self.broker = Broker(self._directory / "broker")
        try:
            self.deployment = Deployment(self._bench, self._directory, self.broker.brokers,
                                         *self._deciding)
        except BaseException as failure:
            self._end(type(failure))
            raise
        return self

    def __exit__(self, *failure):
        self.deployment.__exit__()
        self._end(*failure)

    def _end(self, *failure):
        self.broker.__exit__(*failure)
        discard(self._directory)
