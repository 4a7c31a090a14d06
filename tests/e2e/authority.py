"""A certificate authority of a test's own."""

import os
import ssl
import subprocess


class Authority:
    """A CA, and what it certifies for `localhost`; `make` replaces the service's files."""

    def __init__(self, home):
        self.home = home
        home.mkdir()
        self.ca, self.certificate, self.key = (home / name for name in
                                               ["ca.pem", "server.pem", "server.key"])
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", "ca.key", "-out", self.ca, "-subj", "/CN=a test's CA",
                     "-days", "2")
        self.make(1)

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=self.home, check=True,
                       capture_output=True)

    def make(self, serial):
        """Writes each file under another name first, as tools for certificates do."""
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", "new.key", "-out", "new.csr", "-subj", "/CN=localhost")
        (self.home / "extensions").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self.openssl("x509", "-req", "-in", "new.csr", "-CA", self.ca, "-CAkey", "ca.key",
                     "-set_serial", serial, "-days", "1", "-extfile", "extensions",
                     "-out", "new.pem")
        os.replace(self.home / "new.pem", self.certificate)
        os.replace(self.home / "new.key", self.key)

    def trusted(self, **wanted):
        context = ssl.create_default_context(cafile=self.ca)
        for name, value in wanted.items():
            setattr(context, name, value)
        return context
