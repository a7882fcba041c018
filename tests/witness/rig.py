"""Starts mistnet's processes, asks the simulator, and checks a dataset by its manifest.

What the witnesses share. It knows mistnet only by its commands, its HTTP interface and its
files, so that it can testify against the Rust code as well as for it. Loopback only; it ends
no process but those that it started.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
BINARY = Path(os.environ.get("MISTNET_BIN") or TARGET / "debug" / "mistnet")
ADDRESS = re.compile(r"(?:127\.0\.0\.1|\[::1\]):\d+")


class Refuted(Exception):
    """A promise that did not hold."""


def claim(holds, promise):
    """Prints a promise that holds; stops at one that does not."""
    if not holds:
        raise Refuted(promise)
    print(f"  holds: {promise}", flush=True)


def testify(main):
    """Runs a witness: exit code 1 and the reason if a promise does not hold."""
    try:
        main()
    except Refuted as refuted:
        print(f"REFUTED: {refuted}", file=sys.stderr)
        sys.exit(1)


def empty_folder(name):
    """A folder for what a witness leaves; what an earlier run left is gone."""
    folder = TARGET / "witness" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def until(condition, seconds, what):
    """Waits for a condition, and returns its first true value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Refuted(f"{what} within {seconds} s")
        time.sleep(0.05)
    return value


def free_port():
    """A port that is free now, for a process that must come back at the same address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url, body=None, timeout=60, headers=()):
    """GET, or POST of a JSON body; the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **dict(headers)}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Process:
    """One process, of mistnet if nothing else is said; its output goes to a file that survives
    restarts."""

    def __init__(self, name, arguments, folder, environment=(), program=(BINARY,)):
        self.name, self.arguments = name, [*map(str, program), *arguments]
        self.folder, self.log = Path(folder), Path(folder) / f"{name}.log"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MISTNET_")}
        self.environment = {**kept, "NO_COLOR": "1", **dict(environment)}
        if not BINARY.is_file():
            raise Refuted(f"{BINARY} is built (cargo build, or set MISTNET_BIN)")
        self.start()

    def start(self):
        """Starts it (again)."""
        with self.log.open("ab") as log:
            self.begin = log.tell()
            self.child = subprocess.Popen(
                self.arguments, cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        """SIGKILL: no chance to tidy up."""
        self.must_run()
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self):
        """SIGTERM, and SIGKILL for one that does not listen."""
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def must_run(self):
        """Nobody but the witness may end it."""
        if (code := self.child.poll()) is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise Refuted(f"{self.name} keeps running (it ended with {code}):\n{tail}")

    def said(self):
        """What it has printed since it was started last."""
        with self.log.open("rb") as log:
            log.seek(self.begin)
            return log.read().decode(errors="replace")

    def address(self):
        """The address that it says it listens on."""
        def printed():
            self.must_run()
            return ADDRESS.search(self.said())
        return "http://" + until(printed, 30, f"{self.name} prints its address").group()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Simulator(Process):
    """`mistnet simulate x`."""

    def __init__(self, folder, *, seed, tweets, hashtag, rate_limits="off", speed=1, latency_ms=0):
        super().__init__("simulator", [
            "simulate", "x", "--listen", "127.0.0.1:0", "--seed", str(seed),
            "--tweets", str(tweets), "--hashtag", hashtag, "--rate-limits", rate_limits,
            "--speed", str(speed), "--latency-ms", str(latency_ms)], folder)
        self.hashtag, self.url = hashtag, self.address()

    def truth(self):
        """The ids of all posts that match the hashtag, newest first."""
        return fetch(f"{self.url}/_sim/truth?query=%23{self.hashtag}")["ids"]

    def ledger(self):
        """What was served and billed."""
        return fetch(f"{self.url}/_sim/ledger")

    def forget(self):
        """Starts the ledger over."""
        fetch(f"{self.url}/_sim/reset", {})

    def fail(self, *faults):
        """Schedules faults."""
        fetch(f"{self.url}/_sim/faults", list(faults))


def check_manifest(dataset):
    """The manifest of a dataset, after every file in it was found as it says."""
    manifest = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
    for file in manifest["files"]:
        content = (dataset / file["path"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != file["sha256"]:
            raise Refuted(f"{file['path']} has the sha256 of the manifest")
        if len(content) != file["bytes"]:
            raise Refuted(f"{file['path']} has {file['bytes']} bytes, as the manifest says")
    parts = [file for file in manifest["files"] if file["path"].startswith("parts/")]
    for suffix in {file["format"] for file in parts}:
        rows = sum(file["rows"] for file in parts if file["format"] == suffix)
        if rows != manifest["rows"]:
            raise Refuted(f"the rows of the {suffix} parts add up to the rows of the manifest")
    return manifest
