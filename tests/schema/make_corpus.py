"""Seeds for the fuzzers: each line of a golden file is one input."""

import sys
from pathlib import Path

folder, out = Path(sys.argv[1]), Path(sys.argv[2])

for kind in ("event", "command"):
    corpus = out / kind
    corpus.mkdir(parents=True, exist_ok=True)
    for index, schema in enumerate(sorted((folder / f"{kind}s").glob("*.json"))):
        golden = (folder / "golden" / schema.name).read_text().removesuffix("\n").split("\n")
        for number, line in enumerate(golden, 1):
            # A command's first byte says which it is.
            choice = bytes([index]) if kind == "command" else b""
            (corpus / f"{schema.stem}-{number}").write_bytes(choice + line.encode())

corpus = out / "whole_command"
corpus.mkdir(parents=True, exist_ok=True)
for number, line in enumerate((folder / "golden/whole_commands.json").read_text().splitlines(), 1):
    (corpus / str(number)).write_text(line)
