"""docs/kafka.md, whose commands the tests run."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def section(title):
    page = (ROOT / "docs/kafka.md").read_text()
    [found] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    return found


def blocks(text, language=""):
    """What stands in its code blocks of this language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    return [block for of, block in found if of == language]
