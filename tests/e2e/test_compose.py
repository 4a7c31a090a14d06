"""What stands in docker-compose.yml and the Dockerfile fits the program, as far as can be told without containers."""

import pathlib
import re
import subprocess

import pytest
import yaml

from boxoffice_client import program

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def of_ours(services):
    return {name: each for name, each in services.items() if each["image"] == "boxoffice"}


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
        everywhere = {"master-key", "pepper"}  # of one environment for all: projectors need no secrets
        assert named - everywhere <= known, name


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


def test_topics_are_made_so_that_a_broker_may_be_lost(services):
    """Also where the first start finds fewer brokers than there are."""
    brokers = [name for name in services if name.startswith("kafka-")]
    for name, each in of_ours(services).items():
        if each["command"][0] != "processor":
            continue
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
