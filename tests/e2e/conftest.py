"""What the tests stand on. `service` is shared by all tests that leave it as it was; `start` makes
services of a test's own."""

import re

import pytest

from authority import Authority
from boxoffice_client import Service
from deployment import Deployment
from kafka_service import Cluster


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    shared = Service(tmp_path_factory.mktemp("shared"), "--limits", "off").start()
    yield shared
    assert shared.process.poll() is None, f"the service ended during the tests: {shared.said()}"
    assert shared.stop() == 0, shared.said()


@pytest.fixture
def start(tmp_path):
    """`start(flags…)` starts a service in this test's directory, or with `home=` in another."""
    started = []

    def start_service(*flags, home=None, **others):
        made = Service(home or tmp_path, *flags, **others)
        started.append(made)
        return made.start()

    yield start_service
    for each in started:
        if each.process.poll() is None:
            each.kill()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A broker that is shared by the tests that leave it running."""
    shared = Cluster(tmp_path_factory.mktemp("cluster"))
    yield shared
    shared.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates") / "authority")


@pytest.fixture
def deployment(tmp_path, cluster, request):
    made = Deployment(tmp_path, cluster, re.sub(r"\W", "-", request.node.name) + "-")
    yield made
    made.end()


def pytest_collection_modifyitems(items):
    """The answers and the logs of the whole run are held against their documents last."""
    last = ["test_openapi.py", "test_log_lines.py"]
    items.sort(key=lambda item: item.path.name in last and 1 + last.index(item.path.name))
