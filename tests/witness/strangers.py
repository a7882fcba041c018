"""Strangers who take all connections of `mistnet up`, and a healthy client beside them.

For each kind of hostile connection, 600 sockets are held for some seconds and taken again as soon
as they are ended, from the address of the healthy client, who asks for `/healthz` on a new
connection each time. With a key configured, somebody who has shown it also watches a collection by
an event stream, reads a download slowly but steadily, and keeps a connection between requests:
none of these may end.

Prints for each kind how long `/healthz` took and how much memory the process had before and after.
Usage: strangers.py [--seconds 6] [--sockets 600] [--kind NAME]...
"""

import argparse
import http.client
import json
import os
import re
import resource
import selectors
import socket
import subprocess
import sys
import threading
import time

from rig import Process, Refuted, Simulator, claim, empty_folder, fetch, testify, until

KEY = "a-key-of-the-witness-0123456789abcdef"
# The goal, for a release build on a machine without other work.
P99_SECONDS = float(os.environ.get("STRANGERS_P99", "0.2"))
# Beyond what buffers of 512 connections take, memory may not grow.
MOST_GROWTH_MB = 160
HOST = b"Host: localhost\r\n"


def get(path):
    """A request without a key."""
    return b"GET " + path.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n"


class Kind:
    """What a hostile connection sends first, what it sends again and how often, and how much it
    reads at a time."""

    def __init__(self, first, again=b"", every=1.0, reads=0):
        self.first, self.again, self.every, self.reads = first, again, every, reads


def kinds(collection):
    """Every kind of hostile connection."""
    post = b"POST /search/ HTTP/1.1\r\n" + HOST + b"Content-Length: 60000\r\n\r\n{"
    below = f"/api/v1/collections/{collection}"
    return {
        "silence": Kind(b""),
        "half-headers": Kind(b"GET / HTTP/1.1\r\n" + HOST + b"A: ", b"x"),
        "asks-again": Kind(get("/"), get("/"), 4, reads=65536),
        "asks-all-the-time": Kind(get("/healthz"), get("/healthz"), 0.05, reads=65536),
        "half-bodies": Kind(post, b"x"),
        "pipelined": Kind(get("/") * 100, get("/") * 100, 0.2),
        "pipelined-and-read": Kind(get("/") * 100, get("/") * 100, 0.2, reads=65536),
        "unread-downloads": Kind(get(f"{below}/files/tweets.csv") * 4),
        "trickled-downloads": Kind(get(f"{below}/files/tweets.csv") * 4, b"", 1, reads=100),
        "unread-streams": Kind(get(f"{below}/events")),
        "connects-and-leaves": Kind(get("/"), None, 0.1),
    }


class Crowd(threading.Thread):
    """So many hostile connections, taken again whenever one is ended."""

    def __init__(self, address, kind, count):
        super().__init__(daemon=True)
        self.address, self.kind, self.count = address, kind, count
        self.over, self.taken = threading.Event(), 0

    def run(self):
        """Until `over`."""
        self.selector, self.due = selectors.DefaultSelector(), {}
        for _ in range(self.count):
            self.connect()
        while not self.over.is_set():
            for key, events in self.selector.select(0.05):
                self.serve(key.fileobj, events)
            now = time.monotonic()
            for one in [one for one, due in self.due.items() if due <= now]:
                self.send_again(one, now)
        for one in list(self.due):
            one.close()
        self.selector.close()

    def connect(self):
        """One more; the first bytes go as soon as it is there."""
        one = socket.socket()
        one.setblocking(False)
        if self.kind.reads != 65536:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect_ex(self.address)
        self.taken += 1
        self.due[one] = float("inf")
        self.selector.register(one, selectors.EVENT_WRITE)

    def serve(self, one, events):
        """Sends the first bytes, or reads what has come."""
        try:
            if events & selectors.EVENT_WRITE:
                if self.kind.first:
                    one.send(self.kind.first)
                self.due[one] = time.monotonic() + self.kind.every
                self.selector.modify(one, selectors.EVENT_READ)
            elif self.kind.reads == 65536 and not one.recv(65536):
                raise ConnectionError
            elif self.kind.reads != 65536:
                # It reads at its own pace, so nobody wakes it for what has come.
                self.selector.unregister(one)
        except OSError:
            self.again(one)

    def send_again(self, one, now):
        """What is sent again; a connection that was ended is taken again."""
        self.due[one] = now + self.kind.every
        try:
            if self.kind.again is None:
                raise ConnectionError
            if self.kind.again:
                one.send(self.kind.again)
            # The end of a connection shows only behind what came before it.
            peek = one.recv(self.kind.reads or 1, 0 if self.kind.reads else socket.MSG_PEEK)
            if not peek:
                raise ConnectionError
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise ConnectionError
        except BlockingIOError:
            pass
        except OSError:
            self.again(one)

    def again(self, one):
        """A new connection in the place of one that has ended."""
        if self.due.pop(one, None) is not None:
            try:
                self.selector.unregister(one)
            except KeyError:
                pass
            one.close()
            self.connect()


class Known(threading.Thread):
    """Somebody who has shown the key: watches, downloads slowly, and keeps a connection."""

    def __init__(self, address, collection, paused):
        super().__init__(daemon=True)
        self.address, self.over, self.failure = address, threading.Event(), None
        below = "/api/v1/collections/"
        self.stream = self.ask(f"{below}{paused}/events", "event: overview")
        self.kept = self.ask("/healthz", '"ok"')
        self.download = self.ask(f"{below}{collection}/files/tweets.csv", "200 OK")
        self.read = 0

    def ask(self, path, wanted):
        """A connection on which this was asked, and the beginning of the answer read."""
        one = socket.create_connection(self.address, 20)
        self.send(one, path)
        text = ""
        while wanted not in text:
            piece = one.recv(1024)
            if not piece:
                raise Refuted(f"{path} is answered with the key: {text}")
            text += piece.decode(errors="replace")
        return one

    def send(self, one, path):
        """A request with the key."""
        one.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {KEY}\r\n\r\n".encode())

    def run(self):
        """Until `over`, or until a connection of theirs ends."""
        what = ""
        try:
            while not self.over.wait(0.5):
                what = "the kept connection"
                self.send(self.kept, "/healthz")
                if b"200 OK" not in self.kept.recv(4096):
                    raise ConnectionError("no answer")
                what = "the download"
                self.download.settimeout(20)
                piece = self.download.recv(32768)
                if not piece:
                    raise ConnectionError("ended")
                self.read += len(piece)
                what = "the event stream"
                self.stream.settimeout(0.01)
                try:
                    if not self.stream.recv(4096):
                        raise ConnectionError("ended")
                except TimeoutError:
                    pass
        except OSError as error:
            self.failure = f"{what}: {error!r}"


def healthy(address, seconds):
    """How long `/healthz` took each time: asked by a process of its own, which the crowd in this
    one does not hold up."""
    script = [sys.executable, __file__, "--ask", f"{address[0]}:{address[1]}", "--seconds", str(seconds)]
    return json.loads(subprocess.run(script, check=True, stdout=subprocess.PIPE).stdout)


def ask(address, seconds):
    """Asks for `/healthz` again and again, on connections of its own."""
    took, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        begin = time.monotonic()
        try:
            connection = http.client.HTTPConnection(*address, timeout=10)
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException) as error:
            status = repr(error)
        took.append((time.monotonic() - begin, status))
        time.sleep(0.02)
    return took


def memory_mb(pid):
    """What a process has in memory."""
    text = open(f"/proc/{pid}/status", encoding="ascii").read()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024


def attack(name, kind, up, address, known, arguments):
    """One kind of hostile connections; prints and checks what came of it."""
    before = memory_mb(up.child.pid)
    crowd = Crowd(address, kind, arguments.sockets)
    crowd.start()
    time.sleep(1)
    took = healthy(address, arguments.seconds)
    after = memory_mb(up.child.pid)
    crowd.over.set()
    crowd.join()
    up.must_run()
    times = sorted(seconds for seconds, _ in took)
    p50, p99 = times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]
    bad = [status for _, status in took if status != 200]
    print(f"  {name}: asked {len(took)} times, p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, "
          f"longest {times[-1] * 1000:.1f} ms, failed {len(bad)}; memory {before:.0f} to "
          f"{after:.0f} MB; {crowd.taken} connections for {arguments.sockets} sockets", flush=True)
    claim(len(bad) <= len(took) / 100, f"{name}: a healthy client is answered {bad[:3]}")
    claim(p99 < P99_SECONDS, f"{name}: within {P99_SECONDS} s, 99 times of 100")
    if known:
        claim(not known.failure, f"{name}: who has shown a key keeps everything {known.failure}")
    return after


def service(folder, simulator, key):
    """`mistnet up`, with or without a key."""
    environment = {
        "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
        "MISTNET_X_PACING": "off", "MISTNET_STORE": str(folder / "data"),
        "MISTNET_QUEUE": f"sqlite:{folder}/queue.db", "MISTNET_LISTEN": "127.0.0.1:0"}
    if key:
        environment["MISTNET_API_KEY"] = KEY
    return Process("up-with-key" if key else "up", ["up"], folder, environment.items())


def dataset(url, rows, key):
    """The ids of a collection that is complete, and of one that is paused: its stream of events
    stays open."""
    headers = {"X-API-Key": KEY} if key else {}
    ask = lambda body: fetch(f"{url}/api/v1/collections", body, headers=headers.items())["collection"]
    # From X's first day: all posts of the simulator are in the window, so that whoever reads slowly
    # is not done before the strangers are.
    since = {"hashtag": "#rustlang", "start_date": "2006-03-21"}
    done, paused = ask({**since, "num_results": rows}), ask({**since, "max_cost_usd": 1})
    shown = lambda collection: fetch(f"{url}/api/v1/collections/{collection}", headers=headers.items())
    until(lambda: shown(done)["state"] == "complete", 120, "the collection is complete")
    claim(shown(done)["rows"] == rows, f"{rows} rows are there")
    until(lambda: shown(paused)["state"] == "paused", 120, "the other one is paused")
    return done, paused


def run(folder, simulator, key, arguments):
    """Every kind, with or without a key."""
    print(f"--- {'with' if key else 'without'} a key", flush=True)
    with service(folder, simulator, key) as up:
        url = up.address()
        address = (url.split("//")[1].rsplit(":", 1)[0], int(url.rsplit(":", 1)[1]))
        collection, paused = dataset(url, arguments.rows, key)
        first = memory_mb(up.child.pid)
        for name, kind in kinds(collection).items():
            if arguments.kind and name not in arguments.kind:
                continue
            known = Known(address, collection, paused) if key else None
            if known:
                known.start()
            last = attack(name, kind, up, address, known, arguments)
            if known:
                known.over.set()
                known.join()
        claim(last - first < MOST_GROWTH_MB, f"memory is level: {first:.0f} to {last:.0f} MB")


def main():
    """All of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--sockets", type=int, default=600)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kind", action="append")
    parser.add_argument("--ask", metavar="ADDRESS", help="be the healthy client, and nothing else")
    arguments = parser.parse_args()
    if arguments.ask:
        host, port = arguments.ask.rsplit(":", 1)
        print(json.dumps(ask((host, int(port)), arguments.seconds)))
        return
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, limit[1]), limit[1]))
    folder = empty_folder("strangers")
    with Simulator(folder, seed=33, tweets=60_000, hashtag="rustlang") as simulator:
        for key in (True, False):
            run(empty_folder(f"strangers/{'key' if key else 'open'}"), simulator, key, arguments)


if __name__ == "__main__":
    testify(main)
