#!/usr/bin/python3 -B
"""A random search for what loses a command or decides it twice.

The topology of docker-compose.yml runs as plain processes, with clients that claim all the while.
In each round some of what can go wrong goes wrong, at random moments; then all must go on by
itself, what was answered must be there, once, on the log and in the read models, and `replay
verify` must find nothing. The seed fixes what is chosen, not how processes run: a repeat is a similar run.
"""

import argparse
import collections
import contextlib
import dataclasses
import random
import shutil
import signal
import statistics
import sys
import time
import traceback

from faulty_network import Fault
from topology import ROOT, Topology, claiming

HEALS_WITHIN_S = 240
SESSION_S = 6
FAULTS = {}


def fault(name, lasts_s=(1, 10)):
    """A generator that does harm, says to whom, and mends what must be mended from outside."""
    def add(function):
        FAULTS[name] = (function, lasts_s)
        return function
    return add


@fault("process killed")
def kill_process(round):
    victim = round.pick(round.topology.all)
    victim.kill()
    yield victim.home.name
    victim.launch()


def stopped(victim):
    victim.process.send_signal(signal.SIGSTOP)
    yield victim.home.name
    victim.process.send_signal(signal.SIGCONT)


@fault("processor stopped past its session", lasts_s=(SESSION_S + 2, SESSION_S + 8))
def stop_processor(round):
    yield from stopped(round.pick(round.topology.processors))


@fault("process stopped for a while")
def stop_process(round):
    yield from stopped(round.pick(round.topology.all))


@fault("process asked to end")
def end_process(round):
    victim = round.pick(round.topology.all)
    victim.process.send_signal(signal.SIGTERM)
    yield victim.home.name
    code = victim.process.wait(HEALS_WITHIN_S)
    assert code == 0, f"{victim.home.name} ended with {code}: {victim.said()}"
    victim.launch()


@fault("processor joins and leaves")
def another_processor(round):
    third = round.pick([round.topology.third])
    third.launch()
    yield third.home.name
    third.process.send_signal(round.chance.choice([signal.SIGTERM, signal.SIGKILL]))
    third.process.wait(HEALS_WITHIN_S)


def kill_brokers(round, choose):
    cluster = round.pick([round.topology.cluster])
    cluster.await_in_sync()
    nodes = choose(cluster)
    cluster.kill(*nodes)
    yield " and ".join(f"kafka-{node}" for node in nodes)
    cluster.start_again()


@fault("broker killed")
def kill_broker(round):
    return kill_brokers(round, lambda cluster: [round.chance.choice([1, 2, 3])])


@fault("leader of events killed")
def kill_leader(round):
    return kill_brokers(round, lambda cluster: [
        cluster.leader("boxoffice.claims", round.chance.randrange(4))])


@fault("coordinator of transactions killed")
def kill_coordinator(round):
    return kill_brokers(round, lambda cluster: [
        cluster.coordinator(f"boxoffice-{round.chance.randrange(4)}-a")])


@fault("two brokers killed")
def kill_two_brokers(round):
    return kill_brokers(round, lambda cluster: round.chance.sample([1, 2, 3], 2))


def add_network_fault(kind):
    @fault(f"network: {kind.value}")
    def suffer(round):
        network = round.pick([round.topology.network])
        names = sorted(round.topology.ways)
        cut_off = names if round.chance.random() < 0.25 else [round.chance.choice(names)]
        for name in cut_off:
            round.topology.ways[name].suffer(kind)
        yield "all" if cut_off == names else cut_off[0]
        network.heal()


for each_kind in Fault:
    add_network_fault(each_kind)


@dataclasses.dataclass
class Round:
    topology: Topology
    chance: random.Random
    deck: list  # names of faults; all come up before one comes again
    picked: list = dataclasses.field(default_factory=list)
    happened: list = dataclasses.field(default_factory=list)  # (fault, to whom)
    healed_s: float = 0
    claims: int = 0
    put_off: int = 0

    def pick(self, candidates):
        """One that does not suffer yet; `NothingLeft` where all do."""
        free = [each for each in candidates if each not in self.picked]
        if not free:
            raise NothingLeft
        self.picked.append(self.chance.choice(free))
        return self.picked[-1]

    def run(self):
        with claiming(self.topology, self.chance) as clients:
            self.harm()
            began = time.monotonic()
            self.topology.await_well(patience_s=HEALS_WITHIN_S)
            clients.await_more()
            self.healed_s = time.monotonic() - began
        self.claims = sum(len(one.ledger.granted()) for one in clients.each)
        self.put_off = clients.put_off()

    def harm(self):
        with contextlib.ExitStack() as mending:
            wanted = self.chance.choice([1, 1, 2, 2, 3])
            lasting_s = 0
            while len(self.happened) < wanted:
                if not self.deck:
                    self.deck += self.chance.sample(list(FAULTS), len(FAULTS))
                name = self.deck.pop()
                function, lasts_s = FAULTS[name]
                suffering = function(self)
                try:
                    whom = next(suffering)
                except NothingLeft:
                    self.deck.append(name)  # for the next round
                    break
                self.happened.append((name, whom))
                mending.callback(next, suffering, None)
                lasting_s = max(lasting_s, self.chance.uniform(*lasts_s))
                self.pause(0, 3)
            self.pause(lasting_s, lasting_s)

    def pause(self, least_s, most_s):
        """That is what is random here: when something happens."""
        time.sleep(self.chance.uniform(least_s, most_s))

    def told(self):
        return ", ".join(f"{name} ({whom})" for name, whom in self.happened)


class NothingLeft(Exception):
    pass


def summary(rounds, restarted, seed, began):
    times = collections.defaultdict(list)
    for each in rounds:
        for name, _ in each.happened:
            times[name].append(each.healed_s)
    lines = ["| what went wrong | rounds with it | all well again after: median | longest |",
             "|---|---|---|---|"]
    for name in FAULTS:
        healed = times[name]
        lines.append(f"| {name} | {len(healed)} | {statistics.median(healed):.1f} s | "
                     f"{max(healed):.1f} s |" if healed else f"| {name} | 0 | | |")
    minutes = (time.monotonic() - began) / 60
    lines += ["", f"Seed {seed}, {len(rounds)} rounds in {minutes:.1f} minutes: "
                  f"{sum(each.claims for each in rounds)} claims granted, "
                  f"{sum(each.put_off for each in rounds)} answers that put off, "
                  f"{len(restarted)} processes that ended by themselves and were started again."]
    return "\n".join(lines + sorted(set(restarted)))


def main():
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)
    folder = ROOT / "build/chaos"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    topology = Topology(folder)
    rounds, deck, found = [], [], None
    began = time.monotonic()
    try:
        topology.start()
        while time.monotonic() - began < arguments.minutes * 60:
            now = Round(topology, chance, deck)
            rounds.append(now)
            now.run()
            print(f"{len(rounds)}: {now.told()}: well again after {now.healed_s:.1f} s, "
                  f"{now.claims} claims, {now.put_off} put off", flush=True)
    except Exception:  # whatever it is, it is what was looked for
        found = traceback.format_exc()
    finally:
        topology.end()
    print(f"\n{summary(rounds, topology.restarted, arguments.seed, began)}")
    if found:
        during = rounds[-1].told() if rounds else "the start"
        print(f"\nFOUND in round {len(rounds)}, {during}; what was said is in {folder}:\n{found}")
        sys.exit(1)
    print("\nNothing found.")


if __name__ == "__main__":
    main()
