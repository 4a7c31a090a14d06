"""docs/metrics.md, which says of each metric which processes have it."""

import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/metrics.md"


def documented(role):
    """The names that `s` (serve), `k` (it alone on Kafka), `g` (a gateway), `p` (a processor) or
    `r` (a projector) has."""
    rows = re.findall(r"^\| (`boxoffice.*?) \| .*? ?\| ([skgpr ]+) \|", PAGE.read_text(), re.M)
    return {name for names, of in rows if role in of.split() for name in re.findall(r"`(\w+)`", names)}


def shown(exposition):
    return set(re.findall(r"^# TYPE (\w+) ", exposition, re.M))
