"""Where and how a bench runs, and what it hands back."""

import dataclasses
import json
import pathlib
import shutil
import statistics
import subprocess
import tempfile


@dataclasses.dataclass
class Figure:
    """One measured number, with the baseline it is compared to, if it has one."""

    what: str
    value: float
    unit: str
    baseline: float | None = None
    at_least: float | None = None  # of the ratio, or of the value where there is no baseline
    at_most: float | None = None
    note: str = ""

    @property
    def ratio(self):
        return self.value / self.baseline if self.baseline else None

    @property
    def met(self):
        judged = self.value if self.baseline is None else self.ratio
        if judged is None:
            return False
        above = self.at_least is None or judged >= self.at_least
        return above and (self.at_most is None or judged <= self.at_most)


@dataclasses.dataclass
class Setting:
    build: pathlib.Path  # a CMake build directory
    scratch: pathlib.Path  # on the disk that is measured
    seconds: float  # of one measured run
    rounds: int
    claimed: int = 1_000_000  # tickets claimed in the benches of scale
    tickets: int = 10_000_000

    @property
    def boxoffice(self):
        return self.build / "boxoffice"

    def tool(self, name):
        return self.build / "bench" / name

    def directory(self, name):
        """A fresh empty directory; whoever asked removes it by `discard`."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        return pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=self.scratch))

    def load(self, server, *arguments):
        """Runs the load generator against `server` and returns its report."""
        command = [self.tool("boxoffice_load"), "--target", server.address, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"load failed: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def alternate(self, *runs):
        """Runs A B A B …, so that a slow minute of the machine hits all alike; the medians."""
        return self.medians(lambda: [run() for run in runs])

    def medians(self, values_of_a_round):
        """Each value's median over the rounds."""
        rounds = [values_of_a_round() for _ in range(self.rounds)]
        return [statistics.median(values) for values in zip(*rounds)]


LAG_S_MAX = 1  # of the read models at the end of a run: else they were left behind to win it


def lag_figure(lags_s):
    """How far the read models were behind when the runs ended."""
    return Figure("read models behind at the end of a run, at most", max(lags_s), "s",
                  at_most=LAG_S_MAX)


def discard(directory):
    shutil.rmtree(directory, ignore_errors=True)


def expect_status(report, status):
    """A rate of refusals is no rate of claims."""
    others = {code: n for code, n in report["statuses"].items() if code != str(status)}
    if others or report["connection_errors"]:
        raise RuntimeError(f"expected {status} only: {report}")
    return report
