"""HAProxy as deploy/haproxy.cfg has it, in front of gateways of this machine."""

import contextlib
import http.client
import pathlib
import subprocess

from boxoffice_client import Service

ROOT = pathlib.Path(__file__).resolve().parents[2]
FORGED = "  http-request del-header X-Forwarded-For\n"


class Proxy(Service):
    """In front of `gateways`, addresses by the names that the file has. One that `believes_clients`
    lets pass which addresses they say they have."""

    def __init__(self, home, gateways, listen, believes_clients=False):
        super().__init__(home, listen=listen)
        home.mkdir()
        self.address = self.listen
        text = (ROOT / "deploy/haproxy.cfg").read_text()
        here = {"bind :8080": f"bind {self.listen}",
                "maxconn 20000": "maxconn 2000"}  # which need fewer open files
        here |= {f"{name}:8080": address for name, address in gateways.items()}
        if believes_clients:
            here[FORGED] = ""
        for there, address in here.items():
            assert text.count(there) == 1, there
            text = text.replace(there, address)
        self.file = home / "haproxy.cfg"
        self.file.write_text(text)

    def launch(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["haproxy", "-db", "-f", self.file],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def answers(self, path):
        """The status; 0 where nobody listens yet."""
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=30)) as asking:
            try:
                asking.request("GET", path)
                return asking.getresponse().status
            except (OSError, http.client.HTTPException):
                return 0
