"""The whole pipeline as separate processes: X without limits, sender, SQLite queue, receiver, folder.
From the request until the manifest exists, every file flushed to the disk."""

import atexit
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rig import Process, Simulator, check_manifest, claim, fetch, until

HASHTAG = "nightjars"
POSTS_ON_A_PAGE = 450  # on average: X's pages of 500 come short, and one in fifty comes empty
COLLECTIONS = 4  # as many as a sender has in hand: X's pages come one after the other
PATIENCE_SECONDS = 1_800
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Run(NamedTuple):
    """So many collections."""
    rows: int
    seconds: float
    processes: dict  # name -> (CPU seconds, MiB)


def usage(process):
    """CPU seconds so far, and the peak of the resident set in MiB."""
    process.must_run()
    folder = f"/proc/{process.child.pid}"
    with open(f"{folder}/stat", encoding="ascii") as file:
        # Behind the name in parentheses, utime and stime are the 12th and 13th (proc(5)).
        fields = file.read().rpartition(")")[2].split()
    with open(f"{folder}/status", encoding="ascii") as file:
        peak = next(line for line in file if line.startswith("VmHWM:"))
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND, int(peak.split()[1]) / 1024


class Canned(Process):
    """Pages that were made before."""

    def __init__(self, folder, pages):
        script = Path(__file__).with_name("canned.py")
        super().__init__("canned", [str(pages)], folder, program=(sys.executable, script))
        self.url = self.address()


def simulated(folder, pages):
    """About so many pages of the simulator."""
    simulator = Simulator(folder, seed=7, tweets=pages * POSTS_ON_A_PAGE, hashtag=HASHTAG)
    return simulator, pages * POSTS_ON_A_PAGE


def canned(folder, pages, per_page):
    """The pages of a file."""
    with open(pages, "rb") as lines:
        posts = sum(1 for _ in lines) * per_page
    return Canned(folder, pages), posts


def measure(folder, start):
    """Collects everything that X has, several times at once; `start` starts it, and says how much
    that is. What it wrote is emptied at once, for the sake of the disk, but removed only when all is
    over: ext4 without a journal looks at every inode that was freed within the last minute before it
    takes one for a new file, which the next run would pay for."""
    folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=folder))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    x, posts = start(folder)
    with x:
        shared = {
            "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": x.url, "MISTNET_X_PACING": "off",
            "MISTNET_STORE": str(folder / "data"), "MISTNET_QUEUE": f"sqlite:{folder}/queue.db"}
        sender = Process("sender", ["sender", "--listen", "127.0.0.1:0"], folder, shared.items())
        receiver = Process("receiver", ["receiver"], folder, shared.items())
        with sender, receiver:
            run = collect(sender, folder / "data", posts, {
                x.name: x, "sender": sender, "receiver": receiver})
    for file in folder.rglob("*"):
        if file.is_file():
            os.truncate(file, 0)
    return run


def collect(sender, store, posts, processes):
    """Several collections at a time, and what they cost everybody."""
    address = sender.address()
    before = {name: usage(process)[0] for name, process in processes.items()}
    begin = time.monotonic()
    request = {"hashtag": f"#{HASHTAG}", "num_results": posts + 1, "start_date": "2006-03-21"}
    datasets = [
        store / fetch(f"{address}/search/", request)["request_id"] for _ in range(COLLECTIONS)]

    def complete():
        for process in processes.values():
            process.must_run()
        return all((dataset / "manifest.json").exists() for dataset in datasets)
    until(complete, PATIENCE_SECONDS, "the datasets are complete")
    seconds = time.monotonic() - begin
    after = {name: usage(process) for name, process in processes.items()}
    used = {name: (cpu - before[name], mib) for name, (cpu, mib) in after.items()}
    rows = sum(check_manifest(dataset)["rows"] for dataset in datasets)
    claim(rows == posts * COLLECTIONS, f"{rows} rows in {seconds:.2f} s")
    return Run(rows, seconds, used)
