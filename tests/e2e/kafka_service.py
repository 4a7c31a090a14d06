"""A real broker, and services whose log is on it."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

from boxoffice_client import Service, await_until

DEV_CLUSTER = pathlib.Path(__file__).resolve().parents[2] / "kafka/dev_cluster"
PATIENCE_S = 120  # a broker, a service and their clients share two cores, perhaps with others


class Cluster:
    """One broker on free ports, with its data in `home`. It ends with this process."""

    def __init__(self, home):
        self.home = home
        self.process = subprocess.Popen(
            [DEV_CLUSTER, "start", "--attached", "--port", "0", "--data", home],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.brokers = self.process.stdout.readline().strip()
        assert self.brokers, "no broker could be started"

    def kill(self):
        pid = int((self.home / "node-1/pid").read_text())
        os.kill(pid, signal.SIGKILL)
        await_until(lambda: not is_running(pid), "the broker's end", PATIENCE_S)

    def start_again(self):
        subprocess.run([DEV_CLUSTER, "start", "--data", self.home], check=True,
                       stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)


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
        self.connection = ["--brokers", cluster.brokers, "--kafka-prefix", prefix]
        self.where = ["--log", "kafka", *self.connection]  # of services and tools
        super().__init__(home, *flags, **how)

    def start(self, *flags, patience_s=PATIENCE_S):
        return super().start(*flags, patience_s=patience_s)

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


DECIDES = ["--kafka-replication-factor", "1", "--kafka-min-insync-replicas", "1",
           "--kafka-create-topics", "on", "--partitions", "4"]


class KafkaService(OnKafka):
    """`boxoffice serve --log kafka`."""

    def __init__(self, home, cluster, prefix, *flags):
        super().__init__(home, cluster, prefix, *flags)
        self.flags = [*self.where, *DECIDES, "--limits", "off", *flags]


class Processor(OnKafka):
    role = "processor"

    def __init__(self, home, cluster, prefix, *flags):
        super().__init__(home, cluster, prefix)
        self.flags = [*self.connection, *DECIDES, *flags]


class Gateway(OnKafka):
    role = "gateway"

    def __init__(self, home, cluster, prefix, *flags):
        super().__init__(home, cluster, prefix)
        self.flags = [*self.connection, "--limits", "off", *flags]


class Projector(OnKafka):
    role = "projector"
    listens_at = "--query-listen"

    def __init__(self, home, cluster, prefix):
        super().__init__(home, cluster, prefix, listen=a_free_address())
        self.flags = self.connection


def a_free_address():
    """That stays the same when the process is started again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"
