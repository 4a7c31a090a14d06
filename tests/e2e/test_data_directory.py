"""The data directory: one holder, one format, one set of keys; and a disk that is full."""

import os
import resource
import shutil
import subprocess

import pytest

from boxoffice_client import Service, await_until, fresh_email


def test_a_directory_in_use_is_refused_with_its_holder(start, tmp_path):
    service = start("--limits", "off")
    second = Service(tmp_path / "second")
    second.home.mkdir()
    second.data = service.data
    second.launch()
    assert second.process.wait(10) != 0
    assert str(service.process.pid) in second.said()
    service.occasion(1).claimed()


def test_a_directory_whose_holder_was_killed_is_free(start, tmp_path):
    service = start("--limits", "off")
    service.kill()
    service.start()
    service.occasion(1).claimed()


def test_another_master_key_is_refused(start):
    service = start("--limits", "off")
    service.occasion(1).claimed()
    assert service.stop() == 0
    other = Service(service.home, environment={"BOXOFFICE_MASTER_KEY": "ab" * 32})
    other.launch()
    try:
        ended = other.process.wait(10)
    except subprocess.TimeoutExpired:
        other.kill()
        pytest.fail("it started with a master key that opens nothing")
    assert ended != 0
    assert "master-key" in other.said() or "master.key" in other.said()


def test_read_models_and_snapshots_can_be_deleted(start):
    """They are made again from the log."""
    service = start("--limits", "off", "--snapshot-every-ms", "100")
    occasion = service.occasion(10)
    claim = occasion.claimed()
    occasion.confirm(claim).expect(200)
    last = occasion.claim()
    path = f"/v1/audit?occasion={occasion.id}"
    audit = service.admin.get(path, Boxoffice_At_Least=last.position).expect(200).body
    counts, shown = occasion.availability(last.position), occasion.get().body
    assert service.stop() == 0
    removed = remove_derived(service.data)
    assert removed
    service.start()
    assert occasion.availability() == counts
    assert occasion.get().body == shown
    assert service.admin.get(path).expect(200).body == audit
    assert occasion.shown(claim).json()["state"] == "confirmed"


def remove_derived(data):
    """Deletes what is made from the log: the read models, and the snapshots of the state."""
    removed = [data / name for name in ["projections", "snapshots"] if (data / name).exists()]
    for found in removed:
        shutil.rmtree(found)
    return removed


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 400 MB, in memory."""
    place = tmp_path / "small-disk"
    place.mkdir()
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*as_root, "mount", "-t", "tmpfs", "-o", "size=400m,mode=0777", "tmpfs", place],
                   check=True)
    yield place
    subprocess.run([*as_root, "umount", "-l", place], check=True)


@pytest.fixture
def service_on_small_disk(small_disk, tmp_path):
    """Only its data lie there: it must still be able to write its log."""
    service = Service(tmp_path, "--limits", "off")
    service.data = small_disk / "data"
    service.start()
    yield service
    if service.process.poll() is None:
        service.kill()


def test_a_full_disk_refuses_commands_and_loses_nothing(service_on_small_disk, small_disk):
    service = service_on_small_disk
    occasion = service.occasion(1_000_000)
    granted = [occasion.claim() for _ in range(50)]
    fill(small_disk / "ballast")
    keys = {}

    def refused():
        key = f"full-disk-key-{len(keys):08}"
        email = fresh_email()
        answer = occasion.claim(email, Idempotency_Key=key)
        keys[key] = (email, answer.status)
        if answer.status == 201:
            granted.append(answer)
        return answer.status == 503 and answer

    answer = await_until(refused, "a refusal for want of space", 60)
    answer.problem(503)
    assert int(answer.headers["retry-after"]) >= 1
    await_until(lambda: service.anyone.get("/readyz").status == 503, "readiness to say so")
    service.anyone.get("/healthz").expect(200)
    service.admin.get(occasion.path).expect(200)
    assert occasion.availability()["claimed"] == len(granted)
    await_until(lambda: service.warned("not written", "No space left on device"),
                "the log to say so")

    (small_disk / "ballast").unlink()
    service.kill()
    service.start()
    assert occasion.availability()["claimed"] == len(granted)
    for answer in granted:
        assert occasion.shown(answer.json()).json()["ticket"] == answer.json()["ticket"]
    email, _ = keys[f"full-disk-key-{len(keys) - 1:08}"]
    occasion.claim(email, Idempotency_Key=f"full-disk-key-{len(keys) - 1:08}").expect(201)
    assert service.stop() == 0
    service.tool("replay", "verify", "--data", service.data)


def test_a_disk_that_has_space_again_heals(service_on_small_disk, small_disk):
    service = service_on_small_disk
    occasion = service.occasion(1_000_000)
    occasion.claimed()
    fill(small_disk / "ballast")
    await_until(lambda: occasion.claim().status == 503, "a refusal for want of space", 60)
    await_until(lambda: service.warned("not written"), "the log to say so")
    await_until(lambda: not service.ready_file.exists(), "the ready file to go", 30)
    (small_disk / "ballast").unlink()
    await_until(lambda: occasion.claim().status == 201, "claims to go on", 30)
    await_until(lambda: service.anyone.get("/readyz").status == 200, "readiness", 30)
    await_until(service.ready_file.exists, "the ready file to come back", 30)
    assert service.stop() == 0
    service.tool("replay", "verify", "--data", service.data)


class HeardThroughAPipe(Service):
    """What it says reaches its log, whatever becomes of the files that it writes itself."""

    def output(self):
        with open(self.log, "ab") as log:
            return subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log).stdin

    def let_files_be_written(self, may):
        """Where they may not, each write fails with EFBIG: an error like EIO, which no deleting of
        files mends."""
        pid = self.process.pid
        hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if may else 0, hard))


@pytest.fixture
def service_heard_through_a_pipe(tmp_path):
    service = HeardThroughAPipe(tmp_path, "--limits", "off").start()
    yield service
    if service.process.poll() is None:
        service.kill()


def test_an_error_of_the_disk_refuses_commands_and_is_over_when_it_is(service_heard_through_a_pipe):
    service = service_heard_through_a_pipe
    occasion = service.occasion(1000)
    granted = [occasion.claimed() for _ in range(20)]
    service.let_files_be_written(False)
    email, key = fresh_email(), "sick-disk-key-0001"
    answer = occasion.claim(email, Idempotency_Key=key)
    answer.problem(503)
    assert int(answer.headers["retry-after"]) >= 1
    await_until(lambda: service.anyone.get("/readyz").status == 503, "readiness to say so")
    assert "File too large" in str(service.anyone.get("/readyz").json()["reasons"])
    await_until(lambda: service.warned("not written", "File too large"), "the log to say so")
    await_until(lambda: not service.ready_file.exists(), "the ready file to go")
    service.anyone.get("/readyz").expect(503)
    service.anyone.get("/healthz").expect(200)
    assert occasion.availability()["claimed"] == len(granted)
    occasion.claim().problem(503)

    service.let_files_be_written(True)
    await_until(lambda: service.anyone.get("/readyz").status == 200, "readiness", 30)
    await_until(service.ready_file.exists, "the ready file to come back", 30)
    granted.append(occasion.claim(email, Idempotency_Key=key).expect(201).json())
    service.kill()
    service.start()
    assert occasion.availability()["claimed"] == len(granted)
    for claim in granted:
        assert occasion.shown(claim).json()["ticket"] == claim["ticket"]
    assert service.stop() == 0
    service.tool("replay", "verify", "--data", service.data)


def fill(ballast):
    """Takes all the space that is left."""
    with open(ballast, "wb", buffering=0) as file:
        for size in [1 << 20, 1 << 12, 1]:
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
