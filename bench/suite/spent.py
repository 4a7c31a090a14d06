"""Where the time of a claim went: the processor's own stages, and the CPU of each thread by name."""

import collections
import pathlib
import re

from .setting import Figure

TICKS_PER_S = 100  # of /proc: USER_HZ is 100 on every Linux that this runs on
STAGES = ("decide", "write", "hash")
NUMBERED = re.compile(r"[-:]?\d+$")  # http-0 and http-1 are one row


class Spent:
    """What a running product has spent so far; two of them make a table."""

    def __init__(self, product):
        self._cpu = cpu_by_thread(product.process.pid)
        self._metrics = product.metrics()

    def figures_since(self, before, load_us):
        """Figures in µs a claim, of what was decided between `before` and this."""
        claims = self._of("boxoffice_commands_decided_total", before)
        sampled = self._of("boxoffice_commands_sampled_total", before)
        figures = [Figure(f"CPU: {thread}", 1e6 * (spent - before._cpu.get(thread, 0)) / claims,
                          "µs/claim")
                   for thread, spent in sorted(self._cpu.items())]
        figures = [figure for figure in figures if figure.value >= 0.05]
        figures.append(Figure("CPU: all of the product", sum(f.value for f in figures), "µs/claim"))
        figures.append(Figure("CPU: the load", load_us, "µs/claim"))
        for stage in STAGES:
            spent = self._of(f'boxoffice_stage_nanoseconds_total{{stage="{stage}"}}', before)
            figures.append(Figure(f"stage: {stage}", spent / sampled / 1000, "µs/claim"))
        append = self._of('boxoffice_stage_nanoseconds_total{stage="append"}', before)
        batches = self._of("boxoffice_batches_total", before)
        figures.append(Figure("stage: append, sync included", append / claims / 1000, "µs/claim",
                              note=f"{append / batches / 1000:.0f} µs a batch of "
                                   f"{claims / batches:.1f} claims"))
        return figures

    def _of(self, metric, before):
        return self._metrics[metric] - before._metrics[metric]


def cpu_by_thread(pid):
    """Seconds of CPU by thread name, since each thread began."""
    spent = collections.Counter()
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            text = (task / "stat").read_text()
        except FileNotFoundError:  # it has just ended
            continue
        name = text[text.index("(") + 1:text.rindex(")")]
        user, system = text[text.rindex(")") + 2:].split()[11:13]
        spent[NUMBERED.sub("", name)] += (int(user) + int(system)) / TICKS_PER_S
    return spent


class Steal:
    """Which share of the machine's time its host gave to others, within a `with` block: a stall
    of ours cannot be told from one of the host's otherwise."""

    def __enter__(self):
        self._before = self._ticks()
        return self

    def __exit__(self, *_):
        after = self._ticks()
        spent = [now - then for now, then in zip(after, self._before)]
        self.percent = 100 * spent[7] / max(1, sum(spent))

    @staticmethod
    def _ticks():
        # user, nice, system, idle, iowait, irq, softirq, steal
        first = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0]
        return [int(field) for field in first.split()[1:9]]
