"""A real broker, and services whose log is on it."""

import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess

from boxoffice_client import Service, await_until

DEV_CLUSTER = pathlib.Path(__file__).resolve().parents[2] / "kafka/dev_cluster"
PATIENCE_S = 120  # a broker, a service and their clients share two cores, perhaps with others


class Cluster:
    """A broker, or three, on free ports, with its data in `home`. It ends with this process.

    A process whose name is in `ways` is shown the brokers at the end of its way alone."""

    def __init__(self, home, brokers=1, ways=None, secured_by=None, users=()):
        self.home = home
        self.ways = ways or {}
        advertised = [f"--advertise={name}={','.join(map(str, way.ports))}"
                      for name, way in self.ways.items()]
        self.process = subprocess.Popen(
            [DEV_CLUSTER, "start", "--attached", "--brokers", str(brokers), "--port", "0",
             "--data", home, *advertised,
             *(["--secured-by", secured_by] if secured_by else []),
             *(["--users", ",".join(users)] if users else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.brokers = self.process.stdout.readline().strip()
        assert self.brokers, "no broker could be started"
        further = json.loads((home / "cluster.json").read_text())["further"]
        for name, way in self.ways.items():
            way.leads_to(further[name.upper()]["ports"])
        if secured_by:
            self.secured = ",".join(f"127.0.0.1:{port}" for port in further["SECURED"]["ports"])
        self.replication = ["--kafka-replication-factor", str(brokers),
                            "--kafka-min-insync-replicas", str(max(1, brokers - 1))]

    def seen_by(self, name):
        return self.ways[name].addresses if name in self.ways else self.brokers

    def kill(self, *nodes):
        pids = [int((self.home / f"node-{node}/pid").read_text()) for node in nodes or [1]]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            await_until(lambda: not is_running(pid), "the broker's end", PATIENCE_S)

    def start_again(self):
        subprocess.run([DEV_CLUSTER, "start", "--data", self.home], check=True,
                       stdout=subprocess.DEVNULL)

    def leader(self, topic, partition):
        return self._partitions(topic)[partition]["leader"]

    def coordinator(self, transactional_id):
        """Of the transactions of this id."""
        number = 0
        for each in transactional_id.encode():
            number = (31 * number + each) % 2**32  # as Java does
        number = abs(number - 2**32 if number >= 2**31 else number)
        topic = "__transaction_state"
        return self.leader(topic, number % len(self._partitions(topic)))

    def await_in_sync(self):
        """Until all brokers are there and each replica has what its leader has, so that any broker
        may be lost."""
        def all_in_sync():
            shown = self._metadata()
            return len(shown["brokers"]) == len(self.brokers.split(",")) and all(
                len(each["isrs"]) == len(each["replicas"])
                for topic in shown["topics"] for each in topic["partitions"])
        await_until(all_in_sync, "all replicas in sync", PATIENCE_S)

    def _partitions(self, topic):
        [shown] = self._metadata("-t", topic)["topics"]
        return {each["partition"]: each for each in shown["partitions"]}

    def _metadata(self, *about):
        shown = subprocess.run(["kcat", "-b", self.brokers, "-L", "-J", *about], check=True,
                               capture_output=True, timeout=PATIENCE_S)
        return json.loads(shown.stdout)

    def end_of(self, topic, partition):
        shown = subprocess.run(["kcat", "-b", self.brokers, "-Q", "-t", f"{topic}:{partition}:-1"],
                               check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        return int(shown.stdout.rsplit(maxsplit=1)[1])

    def stop(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def secured_cluster(home, authority, users=()):
    """A broker that wants TLS and a password at `brokers`, and nothing at `plain`."""
    both = home / "broker.pem"
    both.write_text(authority.key.read_text() + authority.certificate.read_text())
    made = Cluster(home / "cluster", secured_by=both, users=users)
    made.plain, made.brokers = made.brokers, made.secured
    yield made
    made.stop()


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z" or len(list(pathlib.Path(f"/proc/{pid}/task").iterdir())) > 1


class OnKafka(Service):
    """A process of a deployment on a broker; those of one prefix share a log."""

    def __init__(self, home, cluster, prefix, *flags, **how):
        home.mkdir(exist_ok=True)
        self.connection = ["--brokers", cluster.seen_by(home.name), "--kafka-prefix", prefix]
        self.where = ["--log", "kafka", "--brokers", cluster.brokers, "--kafka-prefix", prefix]
        super().__init__(home, *flags, **how)

    def start(self, *flags, patience_s=PATIENCE_S):
        return super().start(*flags, patience_s=patience_s)

    def await_ready(self, patience_s=PATIENCE_S):
        return super().await_ready(patience_s)

    def stop(self, how=signal.SIGTERM, patience_s=PATIENCE_S):
        return super().stop(how, patience_s)

    def replay(self, *arguments, status=0):
        return self.tool("replay", *arguments, *self.where, status=status)

    def history(self):
        return self.replay("show", "--format", "jsonl").splitlines()

    def expect_clean_history(self):
        assert "violations 0" in self.replay("verify")

    def metric(self, name):
        shown = self.anyone.get("/metrics").body.decode()
        return float(re.search(rf"^{name} (\S+)$", shown, re.M)[1])

    def with_secrets_of(self, other):
        """What two machines of a deployment must have in common."""
        self.data.mkdir(parents=True, exist_ok=True)
        for name in ["master.key", "pepper.key"]:
            shutil.copy2(other.data / name, self.data / name)
        return self


DECIDES = ["--kafka-create-topics", "on", "--partitions", "4"]


class KafkaService(OnKafka):
    """`boxoffice serve --log kafka`."""

    def __init__(self, home, cluster, prefix, *flags):
        super().__init__(home, cluster, prefix, *flags)
        self.flags = [*self.where, *cluster.replication, *DECIDES, "--limits", "off", *flags]


class Processor(OnKafka):
    role = "processor"

    def __init__(self, home, cluster, prefix, *flags, **how):
        super().__init__(home, cluster, prefix, **how)
        self.flags = [*self.connection, *cluster.replication, *DECIDES, *flags]


class Gateway(OnKafka):
    role = "gateway"

    def __init__(self, home, cluster, prefix, *flags, **how):
        super().__init__(home, cluster, prefix, **how)
        self.flags = [*self.connection, "--limits", "off", *flags]


class Projector(OnKafka):
    role = "projector"
    listens_at = "--query-listen"

    def __init__(self, home, cluster, prefix, *flags, **how):
        super().__init__(home, cluster, prefix, **{"listen": a_free_address(), **how})
        self.flags = [*self.connection, *flags]


def a_free_address():
    """That stays free while the process is started again: none that the system gives to whoever
    connects, and none of dev_cluster's."""
    while True:
        port = random.randrange(10000, 19000)
        with socket.socket() as taken, contextlib.suppress(OSError):
            taken.bind(("127.0.0.1", port))
            return f"127.0.0.1:{port}"
