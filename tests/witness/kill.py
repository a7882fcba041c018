"""Sender and receiver are killed with SIGKILL at random, again and again; nothing may be lost.

A simulator, `mistnet sender` and `mistnet receiver` run as separate processes on one SQLite
queue and one folder. Collections of 20 pages and more are asked for by POST /search/, and while
they are worked on, one of the two roles is killed and started again, until the kills are used up.
Then everything must complete, and

* every post that the simulator served for a collection is in its CSV exactly once;
* no collection was forgotten, and every manifest is right;
* at most one page was billed again for each kill of the sender and each collection that it had in
  hand, and the manifests own up to all of them (`cost_perhaps_usd`).

Usage: kill.py [--kills 60] [--seed N] [--at-once 10]. The seed decides victims and moments, as far as a machine
lets it, and is printed. Everything stays in target/witness/kill for a look afterwards.
"""

import argparse
import csv
import datetime
import random
import time
import urllib.error
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from rig import (Process, Refuted, Simulator, check_manifest, claim, empty_folder, fetch,
                 free_port, testify, until)

HASHTAG = "nightjars"
POSTS = 9_500  # about 20 pages of 500, some of which are short, as X's are
PARTITION_SIZE = 700  # not a divisor of a page, so that parts span pages
FLOOR = datetime.datetime(2006, 3, 21, tzinfo=datetime.timezone.utc)
PATIENCE_SECONDS = 600
IN_HAND = 2  # collections that the sender works at at once


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    # A dead sender's leases last 3 s; meanwhile there must be others to go on with.
    parser.add_argument("--at-once", type=int, default=10, help="unfinished collections")
    return parser.parse_args()


@dataclass
class Account:
    """Sums over all collections."""

    pages: int = 0
    pages_again: int = 0
    served: int = 0
    billed: int = 0
    delivered: int = 0
    duplicated: int = 0
    lost: int = 0
    invented: int = 0
    again_usd: float = 0.0
    owned: float = 0.0

    def check(self, collections, kills_of_sender):
        """Prints it, and what must hold whatever was killed and when."""
        print(f"account: collections {collections}, pages {self.pages}, served {self.served},"
              f" billed {self.billed}, delivered {self.delivered}, duplicated {self.duplicated},"
              f" lost {self.lost}, invented {self.invented},"
              f" pages billed again {self.pages_again}", flush=True)
        claim(self.delivered == self.served, f"all {self.served} served posts are in CSVs")
        claim(self.duplicated == self.lost == self.invented == 0, "exactly once")
        claim(self.pages >= 20 * collections, "collections have 20 pages and more")
        most = kills_of_sender * IN_HAND
        claim(self.pages_again <= most,
              f"{self.pages_again} pages billed again by {kills_of_sender} kills of the sender with"
              f" {IN_HAND} collections in hand each: at most {most}")
        claim(self.owned >= self.again_usd,
              f"of ${self.again_usd:.2f} for them, the manifests own up to ${self.owned:.2f}")


def ask_for_everything(url, asked):
    """One more collection; its window begins a second later than the last. `asked` remembers it."""
    start = FLOOR + datetime.timedelta(seconds=len(asked))
    start = start.strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = fetch(f"{url}/search/", {
        "hashtag": f"#{HASHTAG}", "num_results": POSTS + 5_000, "start_date": start,
        "partition_size": PARTITION_SIZE})
    asked[answer["request_id"]] = start


@dataclass
class House:
    """The running processes, and what was asked of them."""

    simulator: Simulator
    sender: Process
    receiver: Process
    url: str
    store: object
    asked: dict = field(default_factory=dict)  # request_id -> start_time, which tells them apart

    def ask(self):
        """One more collection of everything."""
        ask_for_everything(self.url, self.asked)

    def unfinished(self):
        """Collections without a manifest."""
        return [id for id in self.asked if not (self.store / id / "manifest.json").exists()]

    def progress(self):
        """A number that grows with every page fetched and every part stored."""
        return sum(1 for kind in ("page", "receipt") for _ in self.store.glob(f"*/_log/{kind}-*"))

    def stuck(self):
        """The unfinished collections, as the service shows them."""
        return {id: fetch(f"{self.url}/api/v1/collections/{id}") for id in self.unfinished()}

    def answers(self):
        """Whether the HTTP service is there."""
        self.sender.must_run()
        try:
            fetch(f"{self.url}/healthz", timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        except ValueError:  # an answer, and no JSON
            return True
        return True


def start_house(folder, simulator):
    """Sender and receiver on one queue and one store."""
    store, port = folder / "data", free_port()
    shared = {
        "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
        "MISTNET_STORE": str(store), "MISTNET_QUEUE": f"sqlite:{folder}/queue.db",
        "MISTNET_SENDER_CONCURRENCY": str(IN_HAND), "MISTNET_SWEEP_INTERVAL_SECONDS": "10",
        "MISTNET_LEASE_SECONDS": "3"}
    sender = Process("sender", ["sender", "--listen", f"127.0.0.1:{port}"], folder, shared.items())
    receiver = Process("receiver", ["receiver"], folder, shared.items())
    house = House(simulator, sender, receiver, f"http://127.0.0.1:{port}", store)
    until(house.answers, 60, "the sender answers")
    return house


def kill_at_random(house, chance, kills, at_once):
    """Kills one role or the other, each time after some work was done; counts by role."""
    killed = Counter()
    for number in range(1, kills + 1):
        until(house.answers, 60, "the sender answers")
        while len(house.unfinished()) < at_once:
            house.ask()
        before = house.progress()
        patiently(house, lambda: house.progress() > before, 120, "work goes on after a kill")
        time.sleep(chance.uniform(0.0, 1.5))
        victim = chance.choice([house.sender, house.receiver])
        victim.kill()
        victim.start()
        killed[victim.name] += 1
        print(f"  kill {number:3} {victim.name:8} unfinished {len(house.unfinished())}"
              f" of {len(house.asked)}", flush=True)
    return killed


def let_finish(house):
    """Nobody is killed any more: everything must complete."""
    patiently(house, lambda: not house.unfinished(), PATIENCE_SECONDS, "all collections complete")


def patiently(house, condition, seconds, what):
    """Waits; if in vain, says which collections stand still, and how."""
    def met():
        house.sender.must_run()
        house.receiver.must_run()
        return condition()
    try:
        until(met, seconds, what)
    except Refuted as refuted:
        raise Refuted(f"{refuted}; unfinished: {house.stuck()}") from None


def settle(simulator, asked, store):
    """Compares what the simulator served with what lies in the store."""
    truth, ledger, account = set(simulator.truth()), simulator.ledger(), Account()
    pages = [entry for entry in ledger["requests"]
             if entry["path"] == "/2/tweets/search/all" and entry["status"] == 200]
    served_ids = set(ledger["served_posts"])
    claim(len(pages) == ledger["requests_by_path"]["/2/tweets/search/all"],
          f"the ledger remembers all {len(pages)} searches, and none failed")
    claim(served_ids == truth, f"the simulator served all its {len(truth)} posts")
    for id, start in asked.items():
        mine = [page for page in pages if parse_qs(page["query"])["start_time"] == [start]]
        add_collection(account, store / id, mine, served_ids)
    return account


def add_collection(account, dataset, pages, served):
    """One collection: its pages in the ledger, its rows in the CSV."""
    manifest = check_manifest(dataset)
    with (dataset / "tweets.csv").open(newline="", encoding="utf-8") as file:
        rows = [row["id"] for row in csv.DictReader(file)]
    if manifest["rows"] != len(rows) or manifest["outcome"] != "exhausted":
        raise Refuted(f"the manifest of {dataset.name} is right: {manifest['rows']} rows,"
                      f" {manifest['outcome']}, found {len(rows)}")
    spans = Counter((page["newest_id"], page["oldest_id"]) for page in pages if page["posts"])
    account.owned += manifest["cost_perhaps_usd"]
    # At least this was charged for posts that came again; their authors come on top.
    again = sum(page["posts"] for page in pages) - manifest["tweets"]
    account.again_usd += 0.005 * again
    account.pages += len(pages)
    account.pages_again += sum(spans.values()) - len(spans)
    account.served += len(served)
    account.billed += sum(page["posts"] for page in pages)
    account.delivered += len(rows)
    account.duplicated += len(rows) - len(set(rows))
    account.lost += len(served - set(rows))
    account.invented += len(set(rows) - served)


def main():
    """All of it."""
    arguments = parse_arguments()
    folder = empty_folder("kill")
    print(f"seed {arguments.seed}, {arguments.kills} kills", flush=True)
    with Simulator(folder, seed=arguments.seed, tweets=POSTS, hashtag=HASHTAG,
                   latency_ms=200) as simulator:
        house = start_house(folder, simulator)
        with house.sender, house.receiver:
            killed = kill_at_random(house, random.Random(arguments.seed), arguments.kills,
                                    arguments.at_once)
            let_finish(house)
        account = settle(simulator, house.asked, house.store)
    print(f"kills: {dict(sorted(killed.items()))}", flush=True)
    account.check(len(house.asked), killed["sender"])


if __name__ == "__main__":
    testify(main)
