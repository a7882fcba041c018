"""Somebody is told that a dataset is complete, and checks everything about it.

A webhook of our own and a queue for notices; `mistnet up` collects from the simulator. The
packages `standardwebhooks` and `cloudevents`, which others wrote, judge every delivery: the
signature, and the event. The webhook fails, refuses, hangs, asks to be left alone, and kills
mistnet between notice and acknowledgement; the dataset must be complete at each of its calls, the
id always the same, and neither key nor address may show in a log.
"""

import hashlib
import json
import sqlite3
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from rig import BINARY, Process, Simulator, claim, empty_folder, fetch, testify, until

SECRET = "whsec_Y2FuYXJ5LWtleS1vZi1taXN0bmV0LXdpdG5lc3M="
CANARIES = ["canary-of-the-url", SECRET, SECRET[6:], "canary-key-of-mistnet-witness"]
HASHTAG = "nightjars"


class Hook:
    """A webhook on loopback that answers as it is told to and remembers every call."""

    def __init__(self):
        self.calls, self.before_answer = [], lambda call: 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            """One call."""

            def do_POST(self):  # the name that http.server asks for
                """Remembers it, then answers."""
                body = self.rfile.read(int(self.headers["content-length"]))
                event = json.loads(body)
                call = {"headers": dict(self.headers.items()), "body": body, "event": event,
                        "path": self.path, "at": time.monotonic(),
                        "complete": Path(event["data"]["manifest"]).is_file()}
                hook.calls.append(call)
                status, headers = hook.before_answer(call), {}
                if isinstance(status, tuple):
                    status, headers = status
                self.send_response(status)
                for name, value in {"content-length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Who was kept waiting may have gone.
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook?code=canary-of-the-url"

    def calls_about(self, collection):
        """Those about one collection."""
        return [call for call in self.calls if call["event"]["subject"] == collection]


class Place:
    """A folder with a store and a queue, and how mistnet is set there."""

    def __init__(self, folder, simulator, hook):
        self.folder, self.data, self.queue = folder, folder / "data", folder / "queue.db"
        self.environment = {
            "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
            "MISTNET_STORE": "data", "MISTNET_QUEUE": f"sqlite:{self.queue}",
            "MISTNET_LISTEN": "127.0.0.1:0", "MISTNET_LEASE_SECONDS": "2",
            "MISTNET_NOTIFY_QUEUE": "notices",
            "MISTNET_WEBHOOK_URL": hook.url, "MISTNET_WEBHOOK_SECRET": SECRET,
            "MISTNET_WEBHOOK_PRIVATE": "true"}

    def process(self, name, **other):
        """`mistnet up` here."""
        return Process(name, ["up"], self.folder, {**self.environment, **other}.items())

    def show(self, collection):
        """`mistnet show`, for programs."""
        shown = subprocess.run([BINARY, "show", collection, "--json"], cwd=self.folder, check=True,
                               env=self.environment, capture_output=True, text=True)
        return json.loads(shown.stdout.splitlines()[-1])

    def tell(self, collection, **other):
        """`mistnet tell`, for programs: its exit code and what it printed."""
        environment = {**self.environment, **other}
        environment = {key: value for key, value in environment.items() if value is not None}
        told = subprocess.run([BINARY, "tell", collection, "--json"], cwd=self.folder, check=False,
                              env=environment, capture_output=True, text=True, timeout=60)
        return told.returncode, told.stdout, told.stderr

    def is_complete(self, collection):
        """Whether its manifest is there."""
        return (self.data / collection / "manifest.json").is_file()

    def told(self, collection):
        """What became of the notice, by channel, once that is certain."""
        def certain():
            notice = self.show(collection).get("notice")
            return notice if notice and notice["over"] else None
        notice = until(certain, 60, "it is certain what became of the notice")
        return {told["channel"]: told["outcome"] for told in notice["told"]}

    def queued(self, collection):
        """The bodies on the queue for notices about one collection."""
        with sqlite3.connect(f"file:{self.queue}?mode=ro", uri=True) as queue:
            rows = queue.execute("SELECT body FROM messages WHERE queue = 'notices'").fetchall()
        bodies = [json.loads(body) for (body,) in rows]
        return [b for b in bodies if collection in (b.get("subject"), b.get("request_id"))]


def collect(service):
    """Asks for a collection; its id."""
    body = {"hashtag": f"#{HASHTAG}", "num_results": 700, "partition_size": 300,
            "start_date": "2006-03-21"}
    return fetch(f"{service.address()}/search/", body)["request_id"]


def judge(call):
    """The signature and the event, by others' code."""
    verified = Webhook(SECRET).verify(call["body"], call["headers"])
    try:
        Webhook(SECRET).verify(call["body"] + b" ", call["headers"])
        return False
    except WebhookVerificationError:
        pass
    event = from_http_event(HTTPMessage(call["headers"], call["body"]))
    return (verified == call["event"] and event.get_specversion() == "1.0"
            and event.get_type() == "mistnet.collection.complete"
            and event.get_id() == call["headers"]["webhook-id"]
            and event.get_time() is not None and event.get_data() == call["event"]["data"])


def files_are_as_said(event):
    """Whether every file that an event names is there with its size and checksum."""
    data = event["data"]
    def right(file):
        content = (Path(data["dataset"]) / file["path"]).read_bytes()
        return (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    return data["all_files"] and len(data["files"]) == 4 and all(map(right, data["files"]))


def a_failure_is_tried_again(place, hook):
    """Two 500s, then a 204."""
    answers = [500, 503, 204]
    hook.before_answer = lambda call: answers.pop(0)
    with place.process("failing") as service:
        collection = collect(service)
        told = place.told(collection)
    calls = hook.calls_about(collection)
    claim(len(calls) == 3, "a webhook that fails twice is called a third time, and no more")
    claim(all(map(judge, calls)), "standardwebhooks and cloudevents accept every call, "
                                  "and no changed body")
    claim(len({call["body"] for call in calls}) == 1, "every call says the same, with one id")
    claim(all(call["complete"] for call in calls), "the manifest exists before anybody is told")
    claim(calls[0]["event"]["data"]["rows"] == 700 and files_are_as_said(calls[0]["event"]),
          "the files that the event names are there, with their size and checksum")
    claim(told == {"queue": {"kind": "delivered"}, "webhook": {"kind": "delivered"}},
          "show says that both were told")
    claim(place.queued(collection) == [calls[0]["event"]],
          "the queue for notices holds the same event, once")


def a_refusal_is_final(place, hook):
    """A 410, and the predecessor's body on the queue."""
    hook.before_answer = lambda call: 410
    with place.process("refusing", MISTNET_NOTICE_FORMAT="original") as service:
        collection = collect(service)
        told = place.told(collection)
    claim(len(hook.calls_about(collection)) == 1 and told["webhook"]["kind"] == "refused",
          "a webhook that is gone is called once")
    claim(place.queued(collection) == [{
        "container_name": str(place.data), "blob_name": f"{collection}/tweets.csv",
        "request_id": collection}], "the original's format has the original's three fields")


def a_crash_tells_again(place, hook):
    """mistnet is killed while it tells, and started again."""
    with place.process("killed") as service:
        hook.before_answer = lambda call: service.kill() or 204
        collection = collect(service)
        until(lambda: hook.calls_about(collection), 60, "the webhook is called")
        until(lambda: service.child.poll() is not None, 30, "the process is dead")
        hook.before_answer = lambda call: 204
        service.start()
        told = place.told(collection)
    calls = hook.calls_about(collection)
    claim(len(calls) == 2 and len({call["body"] for call in calls}) == 1 and all(map(judge, calls)),
          "killed between notice and record, it tells again in the same words")
    claim(told["webhook"] == {"kind": "delivered"}, "and records it")


def what_may_pass_is_tried_on(place, hook):
    """A 403 as of an app that is being deployed, then a 503 that asks for time, then a 204."""
    answers = [403, (503, {"retry-after": "9"}), 204]
    hook.before_answer = lambda call: answers.pop(0)
    with place.process("deployed") as service:
        collection = collect(service)
        told = place.told(collection)
    times = [call["at"] for call in hook.calls_about(collection)]
    claim(len(times) == 3 and told["webhook"] == {"kind": "delivered"},
          "a webhook that answers 403 is called again")
    claim(9 <= times[2] - times[1] < 15, "and is left alone for as long as its Retry-After says")


def a_webhook_that_hangs_holds_nothing_up(place, hook):
    """More datasets than notices are told at once; another one; a stop; and then it works."""
    release = threading.Event()
    hook.before_answer = lambda call: 204 if release.wait(30) else 503
    with place.process("hanging", MISTNET_RECEIVER_CONCURRENCY="2") as service:
        collections = [collect(service) for _ in range(6)]
        until(lambda: all(map(place.is_complete, collections)), 60, "all are complete")
        until(lambda: hook.calls_about(collections[0]), 20, "the webhook is called")
        began = time.monotonic()
        last = collect(service)
        until(lambda: place.is_complete(last), 30, "another collection is complete")
        took = time.monotonic() - began
        claim(took < 10, f"beside a webhook that hangs, a collection is stored ({took:.1f} s)")
        began = time.monotonic()
        service.stop()
        took = time.monotonic() - began
        claim(took < 3, f"and the process ends soon ({took:.1f} s)")
        release.set()
        service.start()
        told = [place.told(collection) for collection in [*collections, last]]
        claim(all(one["webhook"] == {"kind": "delivered"} for one in told),
              "when the webhook works again, everything is told")
    for collection in [*collections, last]:
        claim(len({call["body"] for call in hook.calls_about(collection)}) == 1,
              f"in the same words each time ({len(hook.calls_about(collection))} calls)")
    return last


def a_person_tells_again(place, hook, collection):
    """`mistnet tell`, of a dataset that was told of already."""
    record = (place.data / collection / "_log" / "notified.json").read_bytes()
    before = len(hook.calls_about(collection))
    hook.before_answer = lambda call: 204
    code, out, _ = place.tell(collection)
    calls = hook.calls_about(collection)
    claim(code == 0 and len(calls) == before + 1 and judge(calls[-1])
          and calls[-1]["body"] == calls[0]["body"],
          "`mistnet tell` tells again at once, with the same id and in the same words")
    said = json.loads(out.splitlines()[-1])
    claim([(one["channel"], one["outcome"]) for one in said["told"]]
          == [("queue", "delivered"), ("webhook", "delivered")], "and says what became of it")
    hook.before_answer = lambda call: 500
    code, out, error = place.tell(collection)
    webhook = json.loads(out.splitlines()[-1])["told"][1]
    claim(code == 75 and webhook["outcome"] == "not_delivered" and "500" in webhook["reason"]
          and "hint:" in error,
          "if the webhook fails, the exit code is 75")
    hook.before_answer = lambda call: 410
    claim(place.tell(collection)[0] == 1, "if it is gone, 1")
    code, _, error = place.tell("20260101-nothing-aaaaaaaaaa")
    claim(code == 66 and "no collection" in error, "of an unknown collection it is 66")
    nobody = {"MISTNET_NOTIFY_QUEUE": None, "MISTNET_WEBHOOK_URL": None,
              "MISTNET_WEBHOOK_SECRET": None, "MISTNET_WEBHOOK_PRIVATE": None}
    code, _, error = place.tell(collection, **nobody)
    claim(code == 78 and "nobody is configured" in error, "with nobody to tell it is 78")
    claim((place.data / collection / "_log" / "notified.json").read_bytes() == record,
          "and no record that was there is changed")


def inner_addresses_are_refused(place, hook):
    """As numbers at once, as a name when it is looked up."""
    before = len(hook.calls)
    refused = subprocess.run(
        [BINARY, "up"], cwd=place.folder, capture_output=True, text=True, timeout=60, check=False,
        env={**place.environment, "MISTNET_WEBHOOK_PRIVATE": "false",
             "MISTNET_WEBHOOK_URL": f"https://2130706433:{hook.port}/canary-of-the-url"})
    claim(refused.returncode == 78 and "127.0.0.1 is this machine" in refused.stderr
          and "canary" not in refused.stderr,
          "a webhook on this machine is a configuration error, unless it is allowed")
    url = f"https://localhost:{hook.port}/canary-of-the-url"
    with place.process("guarded", MISTNET_WEBHOOK_PRIVATE="false",
                       MISTNET_WEBHOOK_URL=url) as service:
        collection = collect(service)
        told = place.told(collection)
    claim(told["webhook"]["kind"] == "refused" and "this machine" in told["webhook"]["reason"]
          and len(hook.calls) == before, "a name that means this machine is refused, not called")


def main():
    """All of it."""
    folder = empty_folder("notice")
    hook = Hook()
    with Simulator(folder, seed=31, tweets=5_000, hashtag=HASHTAG) as simulator:
        place = Place(folder, simulator, hook)
        a_failure_is_tried_again(place, hook)
        a_refusal_is_final(place, hook)
        a_crash_tells_again(place, hook)
        what_may_pass_is_tried_on(place, hook)
        last = a_webhook_that_hangs_holds_nothing_up(place, hook)
        a_person_tells_again(place, hook, last)
        inner_addresses_are_refused(place, hook)
    everything = [path.read_bytes() for path in folder.rglob("*")
                  if path.is_file() and path.suffix in {".log", ".json"}]
    everything = b"\n".join(everything).decode(errors="replace")
    claim(not any(canary in everything for canary in CANARIES),
          "neither key nor address shows in any log or record")


if __name__ == "__main__":
    testify(main)
