"""Thousands of claims a second, by the load generator of `bench/`, and the ledger that it writes:
what each connection was answered before it asked again."""

import dataclasses
import json
import os
import pathlib
import subprocess

from boxoffice_client import program


def load_program():
    """ctest says where it is; by hand it is where the program under test was built."""
    return pathlib.Path(os.environ.get("BOXOFFICE_LOAD", program().parent / "bench/boxoffice_load"))


@dataclasses.dataclass
class Entry:
    """An answer, and the request's idempotency key."""

    key: str
    status: int
    body: dict


class Load:
    """Claims from addresses and IPs of their own, the first of them with number `first`. It ends
    when all are answered, or with an error when the server has gone."""

    def __init__(self, occasion, ledger, *, first=0, requests=1_000_000, connections=64):
        self.ledger = ledger
        self.process = subprocess.Popen(
            [load_program(), "--target", occasion.service.address, "--first", str(first),
             "--requests", str(requests), "--connections", str(connections), "--warmup", "0",
             "--seconds", "120", "--ledger", ledger, "claims", "--occasion", occasion.id],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def written(self):
        """Bytes of its ledger so far."""
        return self.ledger.stat().st_size if self.ledger.exists() else 0

    def ended_well(self):
        """All answers, and its report."""
        said, complained = self.process.communicate()
        assert self.process.returncode == 0, complained
        return self.entries(), json.loads(said)

    def was_cut_off(self):
        """The answers until then."""
        said, complained = self.process.communicate()
        assert self.process.returncode == 1 and "cannot connect" in complained, said + complained
        return self.entries()

    def entries(self):
        with open(self.ledger, encoding="utf-8") as lines:
            return [Entry(key, int(status), json.loads(body)) for key, _, _, status, body in
                    (line.rstrip("\n").split("\t") for line in lines)]
