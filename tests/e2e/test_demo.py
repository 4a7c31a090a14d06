"""`./dev run` as a newcomer meets it: what it prints works, and it goes on after a crash."""

import json
import pathlib
import re
import signal
import socket
import subprocess
import threading

import pytest

from boxoffice_client import await_until, outside, program

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLAIMS = 2000


class Demo:
    """The demo's script, on a free port and in a directory of the test's own."""

    def __init__(self, home):
        self.home = home
        self.process = None
        self.said = ""

    def start(self):
        output = self.home / "output.txt"
        with open(output, "wb") as file:
            self.process = subprocess.Popen(
                [ROOT / "app/run_demo", "--port", "0", "--home", self.home / "demo",
                 "--program", program()],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=outside())

        def all_said():
            assert self.process.poll() is None, output.read_text()
            return "Ctrl-C" in output.read_text() and output.read_text()

        self.said = await_until(all_said, "the demo to say what to try", 60)
        return self

    def printed(self, beginning):
        """The one line that begins so, to be typed into a shell."""
        [line] = [line.strip() for line in self.said.splitlines()
                  if line.strip().startswith(beginning)]
        return line

    def curl(self, path):
        [line] = [line.strip() for line in self.said.splitlines()
                  if re.search(rf"curl .*{path}['\"]?(\s|$)", line)]
        return line

    def type(self, *lines):
        """Types them into a shell where the demo runs; what was printed."""
        done = subprocess.run(["bash", "-euc", "\n".join(lines)], cwd=ROOT, env=outside(),
                              capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, f"{lines}: {done.stdout!r} {done.stderr!r}"
        return done.stdout.decode()

    def service(self):
        """The process id of the service that the script started."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        [child] = children.read_text().split()
        return int(child)


@pytest.fixture
def demo(tmp_path):
    started = Demo(tmp_path).start()
    yield started
    if started.process.poll() is None:
        started.process.terminate()
        started.process.wait(30)


def test_the_demo_can_be_played_through_and_survives_a_kill(demo):
    claim = json.loads(demo.type(demo.curl("/claims")))
    assert claim["state"] == "held"
    assert json.loads(demo.type(demo.curl("/availability")))["claimed"] == 1
    confirm = demo.curl("/confirm").replace("CLAIM", claim["id"]).replace("TOKEN", claim["token"])
    assert json.loads(demo.type(confirm))["state"] == "confirmed"
    history = json.loads(demo.type(demo.printed("KEY="),
                                   demo.curl(f"occasion={claim['occasion']}")))
    assert [item["type"].removeprefix("boxoffice.") for item in history["items"]] == [
        "OccasionCreated", "OccasionOpened", "TicketClaimed", "ClaimConfirmed"]

    load = re.sub(r"--claims \d+", f"--claims {CLAIMS}", demo.printed(str(program())))
    assert re.search(rf"201 claimed +{CLAIMS}\b", demo.type(load))

    subprocess.run(["kill", "-9", str(demo.service())], check=True)
    assert demo.process.wait(30) != 0
    demo.start()
    counts = json.loads(demo.type(demo.curl("/availability")))
    assert (counts["claimed"], counts["issued"]) == (CLAIMS, 1)
    assert claim["occasion"] in demo.curl("/claims"), "no second demo occasion is made"

    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(30) == 0
    demo.type(f"{program()} replay verify --data {demo.home}/demo/data")


def test_a_second_one_in_the_same_place_leaves_the_first_alone(demo):
    ready = demo.home / "demo/ready.json"
    before = ready.read_text()
    second = subprocess.run(
        [ROOT / "app/run_demo", "--port", "0", "--home", demo.home / "demo", "--program", program()],
        capture_output=True, timeout=60, check=False, env=outside())
    assert second.returncode != 0
    assert f"process {demo.service()}" in second.stderr.decode(), "it says who is there"
    assert ready.read_text() == before
    assert json.loads(demo.type(demo.curl("/availability")))["claimed"] == 0


def test_the_key_is_told_before_it_is_used(demo):
    assert 0 <= demo.said.find("  KEY=") < demo.said.find("$KEY")


def test_a_lost_key_is_made_again(demo):
    demo.process.terminate()
    assert demo.process.wait(30) == 0
    (demo.home / "demo/admin.key").unlink()
    demo.start()
    history = demo.type(demo.printed("KEY="), demo.curl("occasion=[^'\"]*"))
    assert json.loads(history)["items"]


@pytest.mark.parametrize("arguments", [["--prot", "9"], ["--port"], ["--port", "0", "again"]])
def test_arguments_that_it_does_not_know_are_refused(tmp_path, arguments):
    done = subprocess.run([ROOT / "app/run_demo", "--home", tmp_path / "demo", *arguments],
                          capture_output=True, timeout=30, check=False)
    assert done.returncode == 2 and b"usage: " in done.stderr


def test_its_occasion_is_known_by_its_own_name_and_no_others(service):
    """A pool may have the name that the demo's occasion has."""
    pools = [{"name": "Winter Gala", "capacity": 1}]
    other = service.occasion(1, name="Another", pools=pools)
    said = service.tool("demo", "seed", "--url", f"http://{service.address}", "--key",
                        service.admin.key, "--capacity", "5")
    assert "The demo occasion" in said and other.id not in said


def burst(where, url, *arguments):
    return subprocess.run([program(), "demo", "load", "--url", url, *arguments],
                          capture_output=True, timeout=60, check=False, env=outside(), cwd=where)


def test_a_burst_at_no_occasion_fails(start, tmp_path):
    done = burst(tmp_path, f"http://{start().address}", "--occasion", "nope", "--claims", "3")
    assert done.returncode == 1
    assert b"unknown_occasion" in done.stderr


def test_a_burst_at_who_goes_away_says_so(tmp_path):
    """In words of this program, not of its libraries."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def hang_up():
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return
        threading.Thread(target=hang_up, daemon=True).start()
        port = server.getsockname()[1]
        done = burst(tmp_path, f"http://127.0.0.1:{port}")
        server.shutdown(socket.SHUT_RDWR)
    assert done.returncode == 1
    assert f"the service at 127.0.0.1:{port} went away" in done.stderr.decode()
    assert b"beast" not in done.stderr


def test_a_burst_at_nobody_says_so(tmp_path):
    done = subprocess.run([program(), "demo", "load", "--url", "http://127.0.0.1:1"],
                          capture_output=True, timeout=30, check=False, env=outside(), cwd=tmp_path)
    assert done.returncode != 0
    assert b"nobody listens at http://127.0.0.1:1" in done.stderr
