#!/usr/bin/python3
"""Measures the built program against its baselines and prints what came of it. See README.md."""

import argparse
import dataclasses
import json
import os
import pathlib
import sys
import time

from suite import (availability, claims_at_scale, claims_latency, claims_postgres, claims_rate,
                   idle_connections, kafka_adapter, kafka_claims, kafka_take_over, memory, pauses,
                   ready_again, rebuild, replay_verify, slow_senders)
from suite.setting import Setting

ROOT = pathlib.Path(__file__).resolve().parent.parent

BENCHES = {
    "claims-rate": claims_rate,
    "claims-postgres": claims_postgres,
    "claims-latency": claims_latency,
    "availability": availability,
    "claims-at-scale": claims_at_scale,
    "memory": memory,
    "ready-again": ready_again,
    "pauses": pauses,
    "replay-verify": replay_verify,
    "rebuild": rebuild,
    "idle-connections": idle_connections,
    "slow-senders": slow_senders,
}
ON_KAFKA = {
    "kafka-claims": kafka_claims,
    "kafka-adapter": kafka_adapter,
    "kafka-take-over": kafka_take_over,
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("where", nargs="?", choices=["kafka"],
                        help="what is to be measured on a real broker")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--scratch", type=pathlib.Path, default=ROOT / "build" / "bench")
    parser.add_argument("--seconds", type=float, default=10, help="of each measured run")
    parser.add_argument("--rounds", type=int, default=3, help="of baseline and product in turn")
    parser.add_argument("--claimed", type=int, default=1_000_000,
                        help="tickets claimed where the size of the history counts")
    parser.add_argument("--full", action="store_true", help="runs of 60 seconds")
    parser.add_argument("--only", action="append", choices=BENCHES | ON_KAFKA,
                        metavar="NAME",
                        help=f"one of {', '.join(BENCHES | ON_KAFKA)}; may be repeated")
    return parser.parse_args()


def line_of(figure):
    value = f"{figure.value:,.2f}" if figure.value < 100 else f"{figure.value:,.0f}"
    text = f"  {figure.what:<58} {value:>12} {figure.unit:<9}"
    if figure.baseline is not None:
        baseline = figure.baseline
        shown = f"{baseline:,.2f}" if baseline < 100 else f"{baseline:,.0f}"
        text += f"{shown:>12} ratio {figure.ratio:.2f}"
    wanted = [f"{sign} {limit:g}" for sign, limit in
              [("≥", figure.at_least), ("≤", figure.at_most)] if limit is not None]
    if wanted:
        text += f"   {'ok' if figure.met else 'MISSED'} (wanted {', '.join(wanted)})"
    return text + (f"   {figure.note}" if figure.note else "")


def main():
    chosen = arguments()
    setting = Setting(chosen.build.resolve(), chosen.scratch.resolve(),
                      60 if chosen.full else chosen.seconds, chosen.rounds, chosen.claimed)
    if not setting.boxoffice.exists():
        sys.exit(f"{setting.boxoffice} is missing: build it first (./dev build)")

    results, failures = {}, {}
    for name in chosen.only or (ON_KAFKA if chosen.where else BENCHES):
        print(f"{name} …", flush=True)
        began = time.monotonic()
        try:
            figures = (BENCHES | ON_KAFKA)[name].measure(setting)
            results[name] = [{**dataclasses.asdict(f), "ratio": f.ratio, "met": f.met}
                             for f in figures]
            for figure in figures:
                print(line_of(figure), flush=True)
        except Exception as error:  # one bench that fails must not cost the others
            failures[name] = f"{type(error).__name__}: {error}"
            print(f"  FAILED: {failures[name]}", flush=True)
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)

    report = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cpus": os.cpu_count(),
              "seconds": setting.seconds, "rounds": setting.rounds, "claimed": setting.claimed,
              "results": results, "failures": failures}
    setting.scratch.mkdir(parents=True, exist_ok=True)
    (setting.scratch / "last.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"written: {setting.scratch / 'last.json'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
