"""Settings: flags before environment before file; a wrong one is refused by name; a clean end."""

import pathlib
import re
import signal
import subprocess

import pytest

from boxoffice_client import Service, Threads, await_until, fresh_email, outside, program

SECRET = "a-secret-admin-key-of-this-test"


@pytest.fixture
def refused(tmp_path):
    """Starts with these settings, which must be refused; what it said."""
    def start_and_fail(*flags, environment=None, toml=None):
        if toml is not None:
            (tmp_path / "boxoffice.toml").write_text(toml)
        service = Service(tmp_path, *flags, environment=environment).launch()
        try:
            assert service.process.wait(15) == 2
        finally:
            if service.process.poll() is None:
                service.kill()
        assert not service.ready_file.exists()
        return service.said()
    return start_and_fail


@pytest.mark.parametrize("name, value", [
    ("limits", "maybe"), ("partitions", "0"), ("partitions", "x"), ("partitions", "-1"),
    ("threads", "1e3"), ("request-timeout-ms", "5s"), ("idle-timeout-ms", ""),
    ("trusted-proxies", "everyone"), ("trusted-proxies", "10.0.0.0/99"), ("log", "paper"),
    ("log-level", "loud"), ("body-bytes-max", "99999999999999999999"), ("snapshot-every-ms", "0"),
    ("limit-ip-burst", "0"), ("limit-sign-in-burst", "0"), ("limit-sign-in-per-minute", "0"),
    ("limit-buckets", "1"), ("header-bytes-max", "10"), ("write-timeout-ms", "1"),
    ("drain-timeout-ms", "0"),
])
def test_a_wrong_value_is_refused_by_name(refused, name, value):
    variable = "BOXOFFICE_" + name.upper().replace("-", "_")
    assert name in refused(f"--{name}", value)
    if value:  # an empty variable is an unset one
        said = refused(environment={variable: value})
        assert name in said or variable in said
        assert name in refused(toml=f'{name} = "{value}"\n', environment={variable: None})


@pytest.mark.parametrize("listen", ["127.0.0.1", "127.0.0.1:99999", "nowhere.invalid:80", ":x"])
def test_a_wrong_address_is_refused(tmp_path, listen):
    service = Service(tmp_path, listen=listen).launch()
    assert service.process.wait(15) != 0
    assert "listen" in service.said()


def test_an_unknown_setting_is_refused_by_name(refused):
    assert "colour" in refused("--colour", "red")
    assert "colour" in refused(toml='colour = "red"\n')


def test_console_and_demo_share_the_file_with_the_service(tmp_path):
    """What is for `serve` alone is none of their business; what nobody knows is refused by name.
    Where the console makes the log, it makes it as the file says."""
    (tmp_path / "boxoffice.toml").write_text('limits = "off"\npartitions = 4\n')
    service = Service(tmp_path)
    administrator = ["admin", "administrator", "--data", service.data, "--print", "key"]
    key = service.tool(*administrator).strip()
    service.start()
    assert service.logged("info", "partitions = 4") and "in force" not in service.said()
    try:
        service.client(key).get("/v1/keys").expect(200)
        seed = ["demo", "seed", "--url", f"http://{service.address}", "--key", key]
        assert "The demo occasion" in service.tool(*seed)
        (tmp_path / "boxoffice.toml").write_text('limits = "off"\ncolour = "red"\n')
        for arguments in [administrator, seed]:
            assert "colour" in service.tool(*arguments, status=None)
    finally:
        assert service.stop() == 0


OF_EVERY_ROLE = ('log-level = "info"\nlimits = "off"\npartitions = 4\nsession-timeout-ms = 9000\n'
                 'projectors = "127.0.0.1:8090"\nquery-listen = "127.0.0.1:8090"\n')
A_CLUSTER = ["--brokers", "127.0.0.1:1"]
WRONG = ["--kafka-prefix", "a b"]  # refused before anybody looks for the cluster


@pytest.mark.parametrize("arguments", [
    ["serve", "--log", "kafka", *A_CLUSTER, *WRONG], ["gateway", *A_CLUSTER, *WRONG],
    ["processor", *A_CLUSTER, *WRONG], ["projector", *A_CLUSTER, *WRONG],
    ["replay", "verify", "--log", "kafka", *A_CLUSTER, *WRONG],
    ["log", "copy", "--from", "embedded:data", "--to", "kafka:127.0.0.1:1,a b"],
    ["log", "copy", "--from", "kafka:127.0.0.1:1,a b", "--to", "embedded:copy"],
    ["admin", "key", "--name", "North", "--role", "gate"]])
def test_one_file_is_for_all_roles_of_a_machine(start, tmp_path, arguments):
    """What is of another role counts for nothing; what no role has is refused by name."""
    if "embedded:data" in arguments or "admin" in arguments:
        assert start().stop() == 0
    file = tmp_path / "boxoffice.toml"
    file.write_text(OF_EVERY_ROLE)
    environment = {"BOXOFFICE_PROJECTORS": "127.0.0.1:8090", "BOXOFFICE_SESSION_TIMEOUT_MS": "9000"}

    def run():
        done = subprocess.run([program(), *arguments], cwd=tmp_path, timeout=60, text=True,
                              env={**outside(), **environment}, capture_output=True, check=False)
        return done.returncode, done.stdout + done.stderr

    status, said = run()
    assert "is no setting" not in said
    if "admin" in arguments:
        assert status == 0 and "key: " in said
    else:
        assert status != 0 and "setting kafka-prefix: " in said
    file.write_text(OF_EVERY_ROLE + 'colour = "red"\n')
    status, said = run()
    assert status == 2 and "there is no setting 'colour'" in said


def test_a_file_that_is_no_toml_is_refused(refused):
    assert "boxoffice.toml" in refused(toml="= = =")


def test_a_secret_is_never_shown(refused):
    said = refused(environment={"BOXOFFICE_MASTER_KEY": "0123456789abcdef-too-short"})
    assert "master-key" in said
    assert "0123456789abcdef" not in said


def test_flags_win_over_environment_over_file(tmp_path):
    (tmp_path / "boxoffice.toml").write_text(
        'limits = "off"\nlimit-ip-burst = 3\nlimit-ip-per-second = 1\ninbox = 1111\n'
        'threads = 1\n')
    environment = {"BOXOFFICE_LIMITS": "on", "BOXOFFICE_INBOX": "2222",
                   "BOXOFFICE_ADMIN_KEY": SECRET}
    service = Service(tmp_path, "--inbox", "3333", environment=environment).start()
    try:
        said = service.said()
        assert "inbox = 3333" in said
        assert "limits = on" in said
        assert "threads = 1" in said
        assert "partitions = 16" in said
        assert SECRET not in said
        client = service.client(ip="192.0.2.9")
        assert [client.get("/v1/occasions").status for _ in range(4)] == [200, 200, 200, 429]
    finally:
        assert service.stop() == 0


def test_a_port_that_is_taken_is_refused(start, tmp_path):
    service = start("--limits", "off")
    home = tmp_path / "second"
    home.mkdir()
    second = Service(home, listen=service.address).launch()
    assert second.process.wait(15) != 0
    assert service.address in second.said() or "listen" in second.said()


@pytest.mark.parametrize("listen, shown", [
    ("[::1]:0", r"\[::1\]:\d+"), ("localhost:0", r"(127\.0\.0\.1|\[::1\]):\d+")])
def test_the_ready_file_has_an_address_that_can_be_used(tmp_path, listen, shown):
    service = Service(tmp_path, listen=listen).start()
    try:
        assert re.fullmatch(shown, service.address)
        service.anyone.get("/healthz").expect(200)
        assert f"listening on http://{service.address}" in service.said()
    finally:
        assert service.stop() == 0


def test_the_ready_file_is_there_while_it_is_ready_and_no_longer(start, tmp_path):
    service = start()
    # Who cannot have the directory leaves the file of who has it alone.
    service.tool("serve", "--ready-file", service.ready_file, "--data", service.data, status=1)
    assert service.ready_file.exists()
    other = Service(tmp_path / "other")
    other.home.mkdir()
    assert other.start().stop() == 0
    assert not other.ready_file.exists()
    other.ready_file.write_text('{"listen":"127.0.0.1:9"}\n')  # as a crash leaves it
    other.tool("serve", "--ready-file", other.ready_file, "--data", other.data,
               "--listen", service.address, status=2)
    assert not other.ready_file.exists()


def test_a_data_directory_that_cannot_be_made_is_refused_by_the_settings_name(service):
    assert "setting data: " in service.tool("serve", "--data", "/proc/boxoffice", status=None)


def test_another_number_of_partitions_than_the_logs_is_warned_of(start):
    service = start("--partitions", "4")
    assert service.stop() == 0
    service.log.unlink()
    service.start()
    assert "in force" not in service.said()
    assert service.stop() == 0
    other = start("--partitions", "8")
    assert '"level":"warning"' in (told := next(
        line for line in other.said().splitlines() if "in force" in line))
    assert "setting partitions: 4 are in force" in told


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_ends_with_0(start, how):
    """What was answered while it drained is there afterwards."""
    service = start("--limits", "off")
    occasion = service.occasion(1_000_000)
    granted = []

    def claim_until_closed():
        while True:
            try:
                answer = occasion.claim(fresh_email())
            except OSError:
                return
            if answer.status == 201:
                granted.append(answer.json())
            else:
                answer.problem(503)

    clients = Threads([claim_until_closed] * 6)
    await_until(lambda: len(granted) >= 50, "50 claims")
    assert service.stop(how) == 0
    clients.results()
    service.start()
    assert occasion.availability()["claimed"] >= len(granted)
    for claim in granted[-30:]:
        assert occasion.shown(claim).json()["ticket"] == claim["ticket"]


class WithoutBrokers(Service):
    """Of any role; it waits for a cluster that is not there."""

    def __init__(self, home, role):
        super().__init__(home)
        self.role = role[0]
        self.listens_at = "--query-listen" if self.role == "projector" else "--listen"
        self.flags = [*role[1:], *A_CLUSTER]


@pytest.mark.parametrize("role", [["serve", "--log", "kafka"], ["processor"], ["projector"],
                                  ["gateway", "--projectors", "127.0.0.1:1"]])
def test_a_signal_ends_a_start_that_waits_for_brokers(tmp_path, role):
    service = WithoutBrokers(tmp_path, role).launch()
    try:
        await_until(lambda: "Connection refused" in service.said(), "a try to connect")
        assert service.stop() == 0, service.said()
        assert service.logged("info", "stopped before it had begun")
    finally:
        if service.process.poll() is None:
            service.kill()


@pytest.mark.parametrize("command, setting", [
    (["serve"], "--listen"), (["demo", "load"], "--claims"), (["demo", "seed"], "--capacity"),
    (["admin", "administrator"], "--print"), (["admin", "key"], "--role"),
    (["admin", "remove-key"], "--id"), (["replay", "verify"], "--threads"),
    (["replay", "show"], "--partition")])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_each_command_helps(service, command, setting, flag):
    said = service.tool(*command, flag)
    assert setting in said and command[-1] in said
    others = {"--claims", "--capacity", "--role", "--id"} - {setting}
    assert not [other for other in others if f"  {other} " in said], said


def test_help_lists_the_settings(service):
    said = service.tool("serve", "--help")
    for name in ["--listen", "--data", "--limits", "--trusted-proxies", "--ready-file"]:
        assert name in said


@pytest.mark.parametrize("arguments", [["dance"], ["replay"], ["replay", "dance"],
                                       ["replay", "verify"], ["admin", "dance"]])
def test_a_wrong_command_line_ends_with_2(service, arguments):
    service.tool(*arguments, status=2)


@pytest.mark.parametrize("arguments, code", [
    (["version"], 0), (["serve", "--help"], 0), (["serve", "--limits", "maybe"], 2),
    (["serve", "--data", "/proc/boxoffice"], 2), (["log", "copy"], 2),
    (["processor", "--brokers", "127.0.0.1:1"], 1), (["replay", "verify", "--data", "typo"], 2),
    (["admin", "key", "--data", "typo", "--name", "North", "--role", "gate"], 1),
    (["admin", "remove-key", "--id", "x", "--print", "all"], 2),
    (["demo", "load", "--url", "http://127.0.0.1:1"], 1)])
def test_each_end_has_the_exit_code_of_the_document(tmp_path, arguments, code):
    """The others: 0 after a signal, 1 where a directory is in use or violations are found, 3 where
    another service took the log over."""
    document = pathlib.Path(__file__).resolve().parents[2] / "docs/settings.md"
    table = document.read_text().split("## Exit codes")[1].split("\n## ")[0]
    assert re.findall(r"^\| (\d) \|", table, re.M) == ["0", "1", "2", "3"]
    Service(tmp_path).tool(*arguments, status=code)
