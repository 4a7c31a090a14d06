"""A PostgreSQL cluster of our own, tuned as somebody who wants claims to be fast and durable would
tune it."""

import os
import pathlib
import re
import shutil
import subprocess

SCRIPTS = pathlib.Path(__file__).parent.parent / "pgbench"
PROGRAMS = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))

SETTINGS = {
    "listen_addresses": "",
    "synchronous_commit": "on",
    "fsync": "on",
    "shared_buffers": "1GB",
    "max_connections": "100",
    "wal_buffers": "64MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "autovacuum_naptime": "5s",
    "jit": "off",
}


class Postgres:
    def __init__(self, directory):
        if not PROGRAMS:
            raise RuntimeError("PostgreSQL is not installed (Debian: postgresql)")
        self._directory = pathlib.Path(directory)
        self._data = self._directory / "cluster"
        # PostgreSQL refuses to run as root.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(self._directory, "postgres")
            self._directory.chmod(0o755)
        self._run("initdb", "-D", self._data, "-A", "trust", "-U", "bench", "--no-sync")
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._directory / "postgres.log",
                  "-o", f"-k {self._directory} {options}", "start")

    def _run(self, program, *arguments):
        done = subprocess.run(
            [*self._as, str(PROGRAMS[-1] / program), *map(str, arguments)], cwd="/",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}")
        return done.stdout

    def fill(self):
        self._run("psql", "-h", self._directory, "-U", "bench", "-d", "postgres", "-q",
                  "-v", "ON_ERROR_STOP=1", "-f", SCRIPTS / "schema.sql")

    def claims_per_second(self, clients, seconds):
        said = self._run("pgbench", "-h", self._directory, "-U", "bench", "-n", "-M", "prepared",
                         "-c", clients, "-j", 2, "-T", int(seconds),
                         "-f", SCRIPTS / "claim.sql", "postgres")
        return float(re.search(r"tps = ([0-9.]+)", said).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")
