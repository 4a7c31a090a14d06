"""Nothing that is secret or personal is in clear on disk: every byte the program wrote is
searched."""

import base64
import fnmatch
import pathlib
import re

from boxoffice_client import ADMIN_KEY, at_once, await_until

EMAILS = [f"quentin-{number}-zebra@secret-domain.example" for number in range(40)]
IPS = [f"203.0.113.{number}" for number in range(100, 140)]
FILES_OF_KEYS = {"master.key", "pepper.key"}  # what keeps the rest sealed, in files of mode 0600
VENUE = "The Hall of the Ninety-Nine Lanterns"  # nobody's secret: where details are kept, it stands

# All files that the program writes into its data directory. An index of a segment is written when
# that is full, which takes 256 MB; tests/log looks into one.
KNOWN_FILES = ["FORMAT", "LOCK", "roots.check", "log/META", "log/*.log", "log/*.index",
               "snapshots/*/*.snapshot", *FILES_OF_KEYS,
               *(f"{store}/{file}" for store in ["idempotency", "projections"]
                 for file in ["CURRENT", "IDENTITY", "LOCK", "MANIFEST-*", "OPTIONS-*", "*.log",
                              "*.sst"])]


def forms(text):
    """The bytes of a text as they might be written: plain, in hex, in base64 at each alignment; of
    a token also what it stands for."""
    plain = text.encode()
    found = {plain, plain.upper(), plain.hex().encode(), plain.hex().upper().encode(),
             text.encode("utf-16-le")}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        # Without the characters that also hold bits of the neighbours.
        inner = encoded.rstrip(b"=")[{0: 0, 1: 2, 2: 3}[shift]:-1]
        found |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    if re.fullmatch(r"[A-Za-z0-9_-]{22,}", text):
        found.add(base64.urlsafe_b64decode(text[:len(text) // 4 * 4]))
    return found


def search(root, needles):
    """(file, secret) for each file below `root` with a form of a secret in it."""
    patterns = [(text, form) for text in needles for form in forms(text)]
    hits = []
    for file in pathlib.Path(root).rglob("*"):
        if file.is_file() and file.name not in FILES_OF_KEYS:
            content = file.read_bytes()
            hits += [(str(file), text) for text, form in patterns if form in content]
    return hits


def files(data):
    """All there are, by their paths below `data`."""
    return sorted(str(file.relative_to(data)) for file in data.rglob("*") if file.is_file())


def expect_found(data, kind, plain):
    """In some file of that kind: it was written, and a search finds what it holds."""
    found = [file for file in data.glob(kind) if plain in file.read_bytes()]
    assert found, f"{plain!r} is in none of {list(data.glob(kind))}"


def test_the_search_finds_what_it_is_for(tmp_path):
    """A test that cannot fail is a defect."""
    secret = "quentin-7-zebra@secret-domain.example"
    spellings = [secret.encode(), secret.encode().hex().encode(),
                 base64.b64encode(b"x" + secret.encode() + b"yz"),
                 base64.urlsafe_b64encode(b"xy" + secret.encode())]
    for number, written in enumerate(spellings):
        (tmp_path / f"{number}.log").write_bytes(b"before" + written + b"after")
    assert len({file for file, _ in search(tmp_path, [secret])}) == len(spellings)


def test_no_file_holds_an_address_an_ip_a_token_or_a_key(start):
    service = start("--limits", "off", "--snapshot-every-ms", "100", "--log-level", "debug")
    occasion = service.occasion(30, claims={"ttl_ms": 3_600_000}, venue=VENUE)
    answers = at_once([lambda email=email, ip=ip: occasion.claim(
        email, ip, Idempotency_Key=f"idempotency-of-{email}") for email, ip in zip(EMAILS, IPS)])
    claims = [answer.json() for answer in answers if answer.status == 201]
    assert len(claims) == 30  # and ten refused ones, whose addresses must not be there either
    for claim in claims[:5]:
        occasion.confirm(claim).expect(200)
    for claim in claims[5:10]:
        occasion.release(claim).expect(200)
    key = service.admin.post("/v1/keys", {"name": "Gate", "role": "gate"}).expect(201).json()["key"]
    service.client(key).get("/v1/keys").expect(403)
    service.admin.get(f"/v1/audit?occasion={occasion.id}&open=true").expect(200)

    secrets = [*EMAILS, "secret-domain", *IPS, *(claim["token"] for claim in claims), key,
               key.split("_", 2)[2], ADMIN_KEY, "idempotency-of-quentin"]
    await_until(lambda: list(service.data.glob("snapshots/*/*.snapshot")), "a snapshot")
    assert not search(service.data, secrets)
    service.kill()
    assert not search(service.data, secrets)
    service.start()
    assert service.stop() == 0
    assert not search(service.data, secrets)
    assert not search(service.home, [*EMAILS, *(claim["token"] for claim in claims), key])
    said = "\n".join(service.history())
    assert not [secret for secret in secrets if secret in said]

    unknown = [file for file in files(service.data)
               if not any(fnmatch.fnmatchcase(file, known) for known in KNOWN_FILES)]
    assert not unknown, "a new kind of file: say here what is in it"
    for kind in ["log/*.log", "snapshots/*/*.snapshot", "projections/*.sst"]:
        expect_found(service.data, kind, VENUE.encode())
    # Keys of rows share beginnings, so that only their ends stand in full.
    claim_id = base64.urlsafe_b64decode(claims[0]["id"] + "==")
    for kind in ["snapshots/*/*.snapshot", "projections/*.sst", "idempotency/*.sst"]:
        expect_found(service.data, kind, claim_id[-8:])


def test_files_of_keys_are_for_their_owner_alone(start):
    service = start("--limits", "off")
    for name in FILES_OF_KEYS:
        assert (service.data / name).stat().st_mode & 0o777 == 0o600
    assert service.data.stat().st_mode & 0o077 == 0


def test_keys_given_as_settings_are_written_nowhere(start):
    master, pepper = "0123456789abcdef" * 4, "fedcba9876543210" * 4
    service = start("--limits", "off", environment={"BOXOFFICE_MASTER_KEY": master,
                                                    "BOXOFFICE_PEPPER": pepper})
    occasion = service.occasion(1)
    claim = occasion.claimed()
    service.restart_after_kill()
    assert occasion.shown(claim).expect(200).json()["state"] == "held"
    assert service.stop() == 0
    assert not search(service.home, [master, pepper])
    raw = [bytes.fromhex(master), bytes.fromhex(pepper)]
    for file in service.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not [secret for secret in raw if secret in content], file
    assert not (service.data / "master.key").exists()
