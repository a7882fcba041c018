"""No sequence of kills, cut answers, retries and second processes passes a budget.

Each run is a collection with a budget at a simulator whose answers are charged and then cut off, in a
random pattern. `mistnet up` is killed with SIGKILL at random moments and started again, and
`mistnet resume --here` works beside it with a queue of its own, and is killed too. In the end

* what X charged at worst, every read counted, is within the budget;
* what was charged and is in no page is at most what the collection owns up to (`cost_perhaps_usd`);
* if it completed, every row is there once.

Usage: money.py [--runs 12] [--seed N]. Everything stays in target/witness/money for a look afterwards.
"""

import argparse
import csv
import json
import random
import subprocess
import time
import urllib.error

from rig import (BINARY, Process, Refuted, Simulator, claim, empty_folder, fetch, free_port,
                 testify, until)

HASHTAG = "nightjars"
AT_REST = ("paused", "complete", "failed", "cancelled")


class Run:
    """One collection in bad weather."""

    def __init__(self, folder, seed):
        self.chance = random.Random(seed)
        self.folder, self.seed = folder, seed
        self.store, self.port = folder / "data", free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.budget = self.chance.choice([2, 5, 9, 16, 40, 60])

    def faults(self):
        """What X does wrong: mostly answers that are charged and never arrive whole."""
        kinds = [{"kind": "cut_body", "percent": 50}, {"kind": "reset", "stage": "after_work"},
                 {"kind": "truncated_gzip"}, {"kind": "server_error", "status": 503},
                 {"kind": "repeat_page"}]
        count = self.chance.randrange(1, 9)
        for _ in range(count):
            n = self.chance.randrange(1, 14)
            yield {"fault": self.chance.choice(kinds), "when": {"on": "nth", "n": n},
                   "path": "/2/tweets/search"}

    def environment(self, simulator, **more):
        """The settings of a process."""
        return {"X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
                "MISTNET_X_PACING": "off", "MISTNET_STORE": str(self.store),
                "MISTNET_LEASE_SECONDS": "1", "MISTNET_SWEEP_INTERVAL_SECONDS": "2",
                "NO_COLOR": "1", **more}

    def show(self, collection):
        """The collection as the service sees it; nothing if it does not answer."""
        try:
            return fetch(f"{self.url}/api/v1/collections/{collection}", timeout=5)
        except (OSError, urllib.error.HTTPError):
            return None

    def go(self):
        """All of it; returns what was charged and what the collection says."""
        with Simulator(self.folder, seed=self.seed, tweets=self.chance.randrange(300, 4000),
                       hashtag=HASHTAG, latency_ms=self.chance.choice([20, 150]),
                       speed=self.chance.choice([1, 20])) as simulator:
            queue = {"MISTNET_QUEUE": f"sqlite:{self.folder}/queue.db"}
            shared = self.environment(simulator, **queue)
            up = Process("up", ["up", "--listen", f"127.0.0.1:{self.port}"], self.folder,
                         shared.items())
            with up:
                until(lambda: self.answers(), 60, "the service answers")
                fetch(f"{simulator.url}/_sim/faults", list(self.faults()))
                collection = fetch(f"{self.url}/api/v1/collections", {
                    "hashtag": f"#{HASHTAG}", "num_results": 100_000, "partition_size": 300,
                    "start_date": "2006-03-21", "max_cost_usd": self.budget})["collection"]
                self.meddle(simulator, up, collection)
                until(lambda: self.rests(collection), 240, f"run {self.seed} comes to rest")
                return self.account(simulator, collection)

    def rests(self, collection):
        """Whether nothing is under way: it is at rest, or it waits."""
        seen = self.show(collection) or {}
        return seen.get("state") in AT_REST or seen.get("waiting")

    def answers(self):
        """Whether the service is there."""
        try:
            return fetch(f"{self.url}/healthz", timeout=5)
        except OSError:
            return False

    def meddle(self, simulator, up, collection):
        """Kills, and a second process that is killed too."""
        beside = None
        for _ in range(self.chance.randrange(0, 5)):
            time.sleep(self.chance.uniform(0.05, 1.2))
            if self.chance.random() < 0.5:
                beside = self.beside(simulator, collection)
            up.kill()
            up.start()
            until(lambda: self.answers(), 60, "the service answers")
            if beside and self.chance.random() < 0.7:
                time.sleep(self.chance.uniform(0.05, 0.8))
                beside.kill()
                beside.wait()
        if beside and beside.poll() is None:
            beside.terminate()
            beside.wait()
        if beside:
            # What it asked for may have died with its queue, and the sweep takes two minutes.
            try:
                fetch(f"{self.url}/api/v1/collections/{collection}/resume", {})
            except urllib.error.HTTPError:
                pass  # it is over

    def beside(self, simulator, collection):
        """`resume --here`, with a queue of its own in memory."""
        with (self.folder / "beside.log").open("ab") as log:
            return subprocess.Popen(
                [BINARY, "resume", collection, "--here", "--yes"], cwd=self.folder,
                env=self.environment(simulator), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def account(self, simulator, collection):
        """What X charged, and what the collection owns up to."""
        charged = simulator.ledger()["undeduplicated"]["usd"]
        seen = self.show(collection)
        manifest = self.store / collection / "manifest.json"
        if manifest.exists():
            seen = {**seen, **json.loads(manifest.read_text())}
            with (self.store / collection / "tweets.csv").open(newline="", encoding="utf-8") as rows:
                ids = [row["id"] for row in csv.DictReader(rows)]
            if len(ids) != len(set(ids)) or set(ids) != set(simulator.truth()):
                raise Refuted(f"run {self.seed}: every row once, {len(ids)} rows")
        return charged, seen


def main():
    """All runs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    folder = empty_folder("money")
    print(f"seeds from {arguments.seed}", flush=True)
    states, vain = {}, 0.0
    for number in range(arguments.runs):
        seed = arguments.seed + number
        here = folder / str(seed)
        here.mkdir()
        run = Run(here, seed)
        charged, seen = run.go()
        cost, perhaps = seen["cost_usd"], seen["cost_perhaps_usd"]
        print(f"  run {seed}: budget {run.budget}, charged {charged:.3f}, cost {cost}, perhaps"
              f" {perhaps}, {seen.get('state')}", flush=True)
        if charged > run.budget + 1e-6:
            raise Refuted(f"run {seed}: {charged} charged of a budget of {run.budget}")
        if charged > cost + perhaps + 1e-6:
            raise Refuted(f"run {seed}: {charged} charged, {cost} and perhaps {perhaps} owned up to")
        states[seen.get("state")] = states.get(seen.get("state"), 0) + 1
        vain += charged - cost
    claim(True, f"{arguments.runs} runs, ended {states}: at worst within the budget in every one")
    claim(True, f"${vain:.2f} paid in vain, all of it owned up to")


if __name__ == "__main__":
    testify(main)
