"""Memory is flat: sender and receiver need for 400 pages what they need for 20, within 10 %.

A simulator without rate limits, `mistnet sender` and `mistnet receiver` run as separate processes,
freshly started for each size. The measure is the peak of the resident set (`VmHWM` in
/proc/PID/status, so Linux only) when the dataset is complete.

Usage: memory.py [--small 20] [--large 400] [--within 10]
"""

import argparse
import csv
import shutil

from rig import TARGET, Process, Refuted, Simulator, check_manifest, claim, fetch, testify, until

HASHTAG = "nightjars"
POSTS_ON_A_PAGE = 450  # on average: X's pages of 500 come short, and one in fifty comes empty
PATIENCE_SECONDS = 1_800


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=20, help="pages")
    parser.add_argument("--large", type=int, default=400, help="pages")
    parser.add_argument("--within", type=float, default=10, help="per cent")
    return parser.parse_args()


def peak_kib(process):
    """The most memory that a process has had so far."""
    process.must_run()
    with open(f"/proc/{process.child.pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    raise Refuted(f"/proc tells the peak of {process.name}")


def start_roles(folder, simulator):
    """Sender and receiver on one queue and one store."""
    shared = {
        "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
        "MISTNET_X_PACING": "off", "MISTNET_STORE": str(folder / "data"),
        "MISTNET_QUEUE": f"sqlite:{folder}/queue.db"}
    sender = Process("sender", ["sender", "--listen", "127.0.0.1:0"], folder, shared.items())
    receiver = Process("receiver", ["receiver"], folder, shared.items())
    return sender, receiver


def measure(folder, pages):
    """Collects about so many pages; the peaks of both roles in KiB."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    posts = pages * POSTS_ON_A_PAGE
    with Simulator(folder, seed=7, tweets=posts, hashtag=HASHTAG) as simulator:
        sender, receiver = start_roles(folder, simulator)
        with sender, receiver:
            answer = fetch(f"{sender.address()}/search/", {
                "hashtag": f"#{HASHTAG}", "num_results": posts + 1, "start_date": "2006-03-21"})
            dataset = folder / "data" / answer["request_id"]

            def complete():
                sender.must_run()
                receiver.must_run()
                return (dataset / "manifest.json").exists()
            until(complete, PATIENCE_SECONDS, "the dataset is complete")
            peaks = {"sender": peak_kib(sender), "receiver": peak_kib(receiver)}
    manifest = check_manifest(dataset)
    claim(manifest["rows"] == len(ids_in(dataset)), f"{manifest['rows']} rows are there")
    print(f"  {manifest['pages']:4} pages: sender {peaks['sender'] / 1024:.1f} MiB,"
          f" receiver {peaks['receiver'] / 1024:.1f} MiB", flush=True)
    return manifest["pages"], peaks


def ids_in(dataset):
    """The ids in the single file, each once."""
    with (dataset / "tweets.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"] for row in csv.DictReader(file)}


def main():
    """Both sizes, and the comparison."""
    arguments = parse_arguments()
    folder = TARGET / "witness" / "memory"
    small_pages, small = measure(folder / "small", arguments.small)
    large_pages, large = measure(folder / "large", arguments.large)
    claim(small_pages >= arguments.small and large_pages >= arguments.large,
          f"{small_pages} and {large_pages} pages were fetched")
    for role, peak in small.items():
        growth = 100 * (large[role] / peak - 1)
        claim(growth <= arguments.within, f"the {role}'s memory is flat: {growth:+.1f} %")


if __name__ == "__main__":
    testify(main)
