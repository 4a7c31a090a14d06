"""What stands in docker-compose.yml and the Dockerfile fits the program, as far as can be told without containers."""

import contextlib
import http.server
import ipaddress
import pathlib
import re
import shlex
import socket
import subprocess
import threading

import pytest
import yaml

from boxoffice_client import Service, await_until, program
from kafka_service import a_free_address
from page import blocks, section
from proxy import Proxy

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def composed():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def services(composed):
    """Those that `docker compose up` starts."""
    return {name: each for name, each in composed["services"].items() if "profiles" not in each}


def of_ours(services):
    return {name: each for name, each in services.items() if each["image"] == "boxoffice"}


def of_kafka(services):
    return {name: each for name, each in services.items() if name.startswith("kafka-")}


def settings_of(role):
    shown = subprocess.run([program(), role, "--help"], capture_output=True, text=True, check=True)
    return set(re.findall(r"^  --(\S+)", shown.stdout, re.M))


def test_two_of_each_role_and_three_brokers(services):
    roles = [each["command"][0] for each in of_ours(services).values()]
    assert sorted(roles) == ["gateway"] * 2 + ["processor"] * 2 + ["projector"] * 2
    assert len([each for each in services.values() if "kafka" in each["image"]]) == 3


def test_every_setting_is_one_of_the_role(services):
    for name, each in of_ours(services).items():
        role, *flags = each["command"]
        known = settings_of(role)
        named = {flag.removeprefix("--") for flag in flags if flag.startswith("--")}
        named |= {variable.removeprefix("BOXOFFICE_").lower().replace("_", "-")
                  for variable in each["environment"]}
        assert named <= known, name


def test_each_process_has_its_own_directory_and_all_have_the_brokers(services):
    directories = [each["volumes"] for each in services.values() if "volumes" in each]
    mounted = [volume.split(":")[0] for volumes in directories for volume in volumes]
    assert len(mounted) == len(set(mounted))
    brokers = {f"{name}:9092" for name in services if name.startswith("kafka-")}
    for each in of_ours(services).values():
        assert set(each["environment"]["BOXOFFICE_BROKERS"].split(",")) == brokers
    voters = {each["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"]
              for name, each in services.items() if name.startswith("kafka-")}
    assert len(voters) == 1
    for name, each in services.items():
        if name.startswith("kafka-"):
            own = f'{each["environment"]["KAFKA_NODE_ID"]}@{name}:9093'
            assert own in voters.copy().pop().split(",")


def test_brokers_are_those_that_the_tests_run(services):
    pom = (ROOT / "kafka/pom.xml").read_text()
    tested = re.search(r"<artifactId>kafka_2\.13</artifactId>\s*<version>(.*?)</version>", pom)[1]
    images = {each["image"] for name, each in services.items() if name.startswith("kafka-")}
    assert images == {f"apache/kafka:{tested}"}


def test_brokers_replace_one_that_dies_as_those_that_the_tests_run(services):
    template = (ROOT / "kafka/server.properties.template").read_text()
    tested = dict(re.findall(r"^(broker\.\S+\.ms|controller\.quorum\.\S+\.ms)=(\d+)$", template, re.M))
    assert len(tested) == 5
    for name, each in services.items():
        if name.startswith("kafka-"):
            composed = {setting: str(each["environment"]["KAFKA_" + setting.upper().replace(".", "_")])
                        for setting in tested}
            assert composed == tested


def test_topics_are_made_so_that_a_broker_may_be_lost(composed, services):
    """Also where the first start finds fewer brokers than there are."""
    brokers = [name for name in services if name.startswith("kafka-")]
    makers = {name: each for name, each in composed["services"].items()
              if each["image"] == "boxoffice" and each["command"][0] in ("processor", "version")}
    assert len(makers) == 3  # the tools too: a copy makes topics
    for name, each in makers.items():
        assert each["environment"]["BOXOFFICE_KAFKA_REPLICATION_FACTOR"] == len(brokers), name
        assert each["environment"]["BOXOFFICE_KAFKA_MIN_INSYNC_REPLICAS"] == len(brokers) - 1, name


def test_who_waits_for_it_to_be_up_can_use_it(services):
    """Every service tells whether it is ready, and who needs another waits for that."""
    for name, each in services.items():
        assert each["healthcheck"]["test"], name
        for needed, how in each.get("depends_on", {}).items():
            assert needed in services and how == {"condition": "service_healthy"}, name
    for name, each in of_ours(services).items():
        file = each["environment"]["BOXOFFICE_READY_FILE"]
        assert each["healthcheck"]["test"] == ["CMD", "test", "-e", file], name
        assert str(pathlib.Path(file).parent) in each["tmpfs"], name
        assert {other for other in services if other.startswith("kafka-")} == set(each["depends_on"])
    assert {name for name in services if name.startswith("gateway-")} == set(
        services["proxy"]["depends_on"])


def test_its_head_makes_the_secrets_that_it_asks_for(tmp_path):
    text = (ROOT / "docker-compose.yml").read_text()
    [command] = re.findall(r"^#   (\(umask .*?\))$", text, re.M | re.S)
    command = command.replace("\n#", "\n")
    subprocess.run(["sh", "-ec", command], cwd=tmp_path, check=True)
    made = dict(line.split("=") for line in (tmp_path / ".env").read_text().splitlines())
    assert set(made) == set(re.findall(r"\$\{(\w+):", text))
    assert all(len(made[name]) == 64 for name in ["BOXOFFICE_MASTER_KEY", "BOXOFFICE_PEPPER"])
    assert len(made["BOXOFFICE_ADMIN_KEY"]) >= 16
    again = subprocess.run(["sh", "-ec", command], cwd=tmp_path, capture_output=True)
    assert again.returncode != 0  # nobody loses a master key so


def test_only_who_seals_is_told_the_secrets(services):
    for name, each in services.items():
        told = {variable for variable in each.get("environment", {})
                if variable in ("BOXOFFICE_MASTER_KEY", "BOXOFFICE_PEPPER")}
        seals = each["command"][0] in ("processor", "gateway") if name in of_ours(services) else False
        assert len(told) == (2 if seals else 0), name


def test_it_starts_without_the_admin_key(services, tmp_path):
    """Which is to be taken away when the first key is made: the other secrets must be given."""
    demanded = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert demanded == {"BOXOFFICE_MASTER_KEY", "BOXOFFICE_PEPPER"}
    for name, each in of_ours(services).items():
        if each["command"][0] == "gateway":
            assert each["environment"]["BOXOFFICE_ADMIN_KEY"] == "${BOXOFFICE_ADMIN_KEY:-}", name
    without = Service(tmp_path, environment={"BOXOFFICE_ADMIN_KEY": ""}).start()
    assert without.stop() == 0


def test_nothing_that_is_secret_gets_into_the_repository_or_an_image(tmp_path):
    made = [".env", "boxoffice.toml", "p1/master.key", "g1/pepper.key", "kafka-data/LOCK"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    ignored = subprocess.run(["git", "check-ignore", *made], cwd=tmp_path, check=True,
                             capture_output=True, text=True).stdout.split()
    assert ignored == made
    patterns = (ROOT / ".dockerignore").read_text().split("\n")
    assert {"**/.env", "**/boxoffice.toml", "**/*.key", "kafka-data"} <= set(patterns)


def test_every_role_tells_how_it_is(services):
    for name, each in of_ours(services).items():
        _, *flags = each["command"]
        assert flags[flags.index("--listen") + 1].startswith("0.0.0.0:"), name


def test_gateways_believe_the_proxy_alone(composed, services):
    address = services["proxy"]["networks"]["default"]["ipv4_address"]
    for name, each in of_ours(services).items():
        if each["command"][0] == "gateway":
            assert each["environment"]["BOXOFFICE_TRUSTED_PROXIES"] == address, name
    [network] = composed["networks"]["default"]["ipam"]["config"]
    assert ipaddress.ip_address(address) in ipaddress.ip_network(network["subnet"])
    assert ipaddress.ip_address(address) not in ipaddress.ip_network(network["ip_range"])


def test_brokers_are_reached_from_the_host_and_from_nowhere_else(services):
    taken = set()
    for name, each in of_kafka(services).items():
        environment = each["environment"]
        listeners = dict(entry.split("://") for entry in environment["KAFKA_LISTENERS"].split(","))
        advertised = dict(entry.split("://")
                          for entry in environment["KAFKA_ADVERTISED_LISTENERS"].split(","))
        assert advertised["PLAINTEXT"] == f"{name}:9092"
        [published] = each["ports"]
        assert published == advertised["HOST"] + listeners["HOST"]
        assert published.startswith("127.0.0.1:") and published not in taken, name
        taken.add(published)
        protocols = environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")
        assert {entry.split(":")[0] for entry in protocols} == set(listeners)


def commands_of_the_page():
    page = section("With docker compose").replace("\\\n", " ")
    return [shlex.split(line) for block in blocks(page) for line in block.splitlines()
            if line.startswith("docker compose ")]


def test_commands_of_the_page_are_about_services_that_there_are(composed):
    """Up to what docker itself would say of them."""
    takes_a_value = {"--since", "--user", "--volume"}
    seen = set()
    for _, _, command, *rest in commands_of_the_page():
        seen.add(command)
        words = iter(rest)
        named = [word for word in words
                 if not (word in takes_a_value and next(words)) and not word.startswith("--")]
        if command in ("run", "exec"):
            named = named[:1]
        assert set(named) <= set(composed["services"]), rest
    assert seen == {"up", "run", "ps", "logs", "exec", "build"}


def test_tools_of_the_page_take_these_flags(composed):
    tools = [rest[rest.index("tools") + 1:] for _, _, command, *rest in commands_of_the_page()
             if command == "run"]
    assert [tool[:2] for tool in tools] == [["replay", "verify"], ["replay", "show"], ["log", "copy"]]
    for tool in tools:
        shown = subprocess.run([program(), *tool[:2], "--help"], capture_output=True, text=True,
                               check=True).stdout
        known = set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", shown, re.M))
        assert {word for word in tool if word.startswith("--")} <= known, tool
    brokers = composed["services"]["tools"]["environment"]["BOXOFFICE_BROKERS"]
    assert tools[-1][-1] == f"kafka:{brokers}"


def test_a_third_processor_is_as_the_others(composed):
    [lines] = blocks(section("With docker compose"), "yaml")
    second = '  processor-2:\n    <<: *processor\n    volumes: ["processor-2:/data"]\n'
    text = (ROOT / "docker-compose.yml").read_text()
    assert text.count(second) == 1
    services = yaml.safe_load(text.replace(second, second + lines))["services"]
    assert services["processor-3"] == {**services["processor-2"], "volumes": ["processor-3:/data"]}


def test_the_page_says_where_brokers_are(services):
    published = {broker["ports"][0].rpartition(":")[0] for broker in of_kafka(services).values()}
    [told] = re.findall(r"^export BROKERS=(.*)", section("With docker compose"), re.M)
    assert set(told.split(",")) == published


def test_a_process_is_asked_how_it_is_as_the_page_says(service):
    """The proxy's image has `bash` and nothing that speaks HTTP."""
    [asking] = [command for command in commands_of_the_page() if command[2] == "exec"]
    assert asking[3:6] == ["proxy", "bash", "-c"]
    told = subprocess.run(
        ["bash", "-c", asking[6].replace("processor-1/8081", service.address.replace(":", "/"))],
        check=True, capture_output=True, text=True, timeout=60).stdout
    assert told.startswith("HTTP/1.1 200")


def test_gateways_and_proxy_find_each_other(services):
    proxy = (ROOT / "deploy/haproxy.cfg").read_text()
    gateways = [name for name in services if name.startswith("gateway-")]
    assert re.findall(r"^  server \S+ (\S+):8080$", proxy, re.M) == gateways
    projectors = {f"{name}:8090" for name in services if name.startswith("projector-")}
    for name in gateways:
        flags = services[name]["command"]
        assert set(flags[flags.index("--projectors") + 1].split(",")) == projectors


def test_the_proxys_file_is_one():
    subprocess.run(["haproxy", "-c", "-q", "-f", ROOT / "deploy/haproxy.cfg"], check=True)


class Asked(http.server.BaseHTTPRequestHandler):
    """In the place of a gateway: notes whom requests say that they come from."""

    def do_GET(self):
        if self.path != "/readyz":
            self.server.told.append((self.path, self.headers.get_all("X-Forwarded-For")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def behind_the_proxy(tmp_path):
    """The proxy with its file as it is, and what gateways behind it are told."""
    with contextlib.ExitStack() as ended:
        told, gateways = [], {}
        for name in ["gateway-1", "gateway-2"]:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
            ended.callback(server.server_close)
            ended.callback(server.shutdown)
            server.told = told
            threading.Thread(target=server.serve_forever, daemon=True).start()
            gateways[name] = f"127.0.0.1:{server.server_port}"
        proxy = Proxy(tmp_path / "proxy", gateways, a_free_address())
        proxy.launch()
        ended.callback(proxy.kill)
        await_until(lambda: proxy.answers("/healthz") == 200, "the proxy")
        told.clear()
        yield proxy, told


def ask(proxy, target, *headers):
    """The status of the answer to a request as it is written here."""
    host, port = proxy.address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        lines = [f"GET {target} HTTP/1.1", "Host: tickets.example.org", "Connection: close", *headers]
        client.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(client.makefile("rb").readline().split()[1])


def test_nobody_forges_the_address_that_a_gateway_sees(behind_the_proxy):
    proxy, told = behind_the_proxy
    assert ask(proxy, "/v1/x", "X-Forwarded-For: 192.0.2.7", "x-forwarded-for: 10.0.0.1, 10.0.0.2") == 200
    assert told == [("/v1/x", ["127.0.0.1"])]


@pytest.mark.parametrize("target", [
    "/metrics", "/readyz", "/metrics?x=1", "/metrics#x", "/readyz?", "http://tickets.example.org/metrics"])
def test_what_operators_ask_is_not_for_the_public(behind_the_proxy, target):
    proxy, told = behind_the_proxy
    assert ask(proxy, target) in (400, 404)
    assert not told


def test_the_rest_is(behind_the_proxy):
    proxy, told = behind_the_proxy
    for target in ["/healthz", "/docs", "/v1/metrics", "/openapi.json"]:
        assert ask(proxy, target) == 200
    assert len(told) == 4


def test_the_image_has_the_libraries_that_the_program_needs():
    needed = re.findall(r"\(NEEDED\)\s+Shared library: \[(\S+)\]", subprocess.run(
        ["readelf", "-d", program()], capture_output=True, text=True, check=True).stdout)
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", subprocess.run(
        ["ldd", program()], capture_output=True, text=True, check=True).stdout, re.M))
    files = {str(pathlib.Path(found[name]).resolve()) for name in needed if name in found}
    # Debian's own index names files below /lib or /usr/lib.
    owners = set()
    for file in files:
        for path in (file, file.removeprefix("/usr")):
            told = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
            if told.returncode == 0:
                owners.add(told.stdout.split(":")[0])
                break
        else:
            raise AssertionError(f"{file} is of no package")
    in_every_image = {"libc6", "libgcc-s1", "libstdc++6"}
    installed = set((ROOT / "Dockerfile").read_text().split())
    assert owners - in_every_image <= installed
