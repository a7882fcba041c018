"""Microsoft's clients and ours work on the same queues, in both directions.

For azure-servicebus (Python) and for @azure/service-bus (JavaScript), both unmodified, through
`mistnet simulate service-bus` with signed tokens:

* what our client sends (by `resume`, a sender, `dead-letters replay`, a receiver's notice) is
  received, completed and dead-lettered by theirs, and our commands read why;
* what theirs sends is received and completed by our sender and our receivers, and dead-lettered if
  it is none of ours; their client reads why.

The work passes through their hands and the dataset must be complete and right in the end, with
nothing left on any queue. Ours is driven by real commands only.
"""

import csv
import json
import os
import re
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path
from types import SimpleNamespace

from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.amqp import AmqpAnnotatedMessage
from rig import BINARY, TARGET, Process, Refuted, Simulator, claim, fetch, testify, until
from service_bus_clients import ServiceBus

COLLECT, STORE, NOTICES, ASIDE = "mistnet-collect", "mistnet-store", "mistnet-notices", "aside"
ROWS, PARTITION_SIZE, PARTS = 1_000, 200, 5
LOCK_SECONDS = 20
WAIT_SECONDS = 20
WHY = ("put aside", "by hand: 'ü', \"€\" and 鳥")
UNKNOWN = "20261122-nobody-k3v9x2m7qa"


class Python:
    """azure-servicebus."""

    name, styles = "python", ("text", "pieces", "value")

    def __init__(self, connection_string):
        self.client = ServiceBusClient.from_connection_string(connection_string, retry_total=3)
        self.held, self.receivers = [], []

    def close(self):
        """Ends all connections."""
        self.client.close()

    def message(self, style, body, subject):
        """A message whose body is written in one of the ways that the client knows."""
        match style:
            case "text":
                return ServiceBusMessage(body, subject=subject, content_type="application/json")
            case "bytes":
                return ServiceBusMessage(bytes.fromhex(body), subject=subject)
            case "pieces":
                content = {"data_body": [body[:7].encode(), body[7:].encode()]}
            case "value":
                content = {"value_body": body}
            case "sequence":
                content = {"sequence_body": [[body]]}
        return AmqpAnnotatedMessage(properties={"subject": subject}, **content)

    def send(self, queue, *messages):
        """Sends messages: style, body, subject."""
        with self.client.get_queue_sender(queue) as sender:
            sender.send_messages([self.message(*message) for message in messages])

    def take(self, queue, count, dead=False):
        """Takes so many messages, or fewer if no more come, and holds them."""
        part = ServiceBusSubQueue.DEAD_LETTER if dead else None
        receiver = self.client.get_queue_receiver(queue, sub_queue=part)
        self.receivers.append(receiver)
        taken = []
        while len(taken) < count:
            messages = receiver.receive_messages(count - len(taken), max_wait_time=WAIT_SECONDS)
            if not messages:
                break
            taken += [self.seen(receiver, message) for message in messages]
        return taken

    def seen(self, receiver, message):
        """What the client says of a message."""
        self.held.append((receiver, message))
        content = message.body if isinstance(message.body, (str, bytes)) else list(message.body)
        if isinstance(content, list) and all(isinstance(piece, bytes) for piece in content):
            content = b"".join(content).decode(errors="replace")
        return SimpleNamespace(
            handle=len(self.held) - 1, subject=message.subject, body=content,
            content_type=message.content_type, message_id=message.message_id,
            deliveries=message.delivery_count, reason=message.dead_letter_reason,
            description=message.dead_letter_error_description)

    def complete(self, message):
        """It is done."""
        receiver, held = self.held[message.handle]
        receiver.complete_message(held)

    def dead_letter(self, message, reason, description):
        """It is put aside."""
        receiver, held = self.held[message.handle]
        receiver.dead_letter_message(held, reason=reason, error_description=description)

    def leave(self):
        """Closes the links, so that nothing more comes to them."""
        while self.receivers:
            self.receivers.pop().close()


class JavaScript:
    """@azure/service-bus, in service_bus_interop.mjs: one line of JSON for each call and answer."""

    name, styles = "javascript", ("text", "object", "value")

    def __init__(self, connection_string):
        script = Path(__file__).with_suffix(".mjs")
        self.child = subprocess.Popen(["node", script, connection_string], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        """Ends the process, which closes its connections."""
        self.child.stdin.close()
        self.child.wait(30)

    def call(self, do, **details):
        """One call, within a minute."""
        self.child.stdin.write(json.dumps({"do": do, **details}) + "\n")
        self.child.stdin.flush()
        watch = threading.Timer(60, self.child.kill)
        watch.start()
        line = self.child.stdout.readline()
        watch.cancel()
        if not line:
            raise Refuted(f"javascript: {do} is answered within a minute")
        answer = json.loads(line)
        if "error" in answer:
            raise Refuted(f"javascript: {do} works ({answer['error']})")
        return answer.get("messages")

    def send(self, queue, *messages):
        """Sends messages: style, body, subject."""
        messages = [dict(zip(("style", "body", "subject"), message)) for message in messages]
        self.call("send", queue=queue, messages=messages)

    def take(self, queue, count, dead=False):
        """Takes so many messages, or fewer if no more come, and holds them."""
        taken = self.call("take", queue=queue, count=count, dead=dead, wait_ms=WAIT_SECONDS * 1000)
        return [SimpleNamespace(**message) for message in taken]

    def complete(self, message):
        """It is done."""
        self.call("complete", handle=message.handle)

    def dead_letter(self, message, reason, description):
        """It is put aside."""
        self.call("dead_letter", handle=message.handle, reason=reason, description=description)

    def leave(self):
        """Closes the links, so that nothing more comes to them."""
        self.call("leave")


class House:
    """A folder with a store, a namespace, and how mistnet is set there."""

    def __init__(self, folder, simulator, bus, client, notice_format):
        self.folder, self.bus, self.client = folder, bus, client
        self.environment = {
            "PATH": os.environ["PATH"], "NO_COLOR": "1",
            "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
            "MISTNET_QUEUE": "servicebus:", "MISTNET_STORE": "data",
            "AZURE_SERVICEBUS_CONNECTION_STRING": bus.connection_string,
            "MISTNET_NOTIFY_QUEUE": NOTICES, "MISTNET_NOTICE_FORMAT": notice_format,
            "MISTNET_LEASE_SECONDS": str(LOCK_SECONDS), "MISTNET_SWEEP_INTERVAL_SECONDS": "3600"}

    def mistnet(self, *words, **other):
        """Runs a command, and returns its object."""
        ran = subprocess.run([BINARY, *words, "--json"], cwd=self.folder, capture_output=True,
                             env={**self.environment, **other}, text=True, timeout=60, check=False)
        if ran.returncode != 0:
            raise Refuted(f"mistnet {' '.join(words)} works, not exit {ran.returncode}:\n"
                          f"{ran.stderr}")
        return json.loads(ran.stdout.splitlines()[-1])

    def role(self, name, *words):
        """One of the roles as a process."""
        return Process(name, [name, *words], self.folder, self.environment.items())

    def letter(self, **other):
        """The only dead letter, as our commands see it."""
        letters = self.mistnet("dead-letters", "list", **other)["dead_letters"]
        if len(letters) != 1:
            raise Refuted(f"there is one dead letter, not {letters}")
        return letters[0]

    def left(self):
        """How many messages are anywhere, by queue."""
        counts = fetch(f"{self.bus.control}/_sim/queues")
        return {queue: sum(states.values()) for queue, states in counts.items()}

    def says(self, promise):
        """A promise about this client."""
        return f"{self.client.name}: {promise}"


def pause(url, hashtag):
    """A collection that its budget stops before its first page."""
    body = {"hashtag": hashtag, "num_results": ROWS, "partition_size": PARTITION_SIZE,
            "start_date": "2006-03-21", "max_cost_usd": 0.01}
    collection = fetch(f"{url}/api/v1/collections", body)["collection"]
    state(url, collection, "paused")
    return collection


def state(url, collection, wanted):
    """Waits for the state of a collection."""
    def reached():
        return fetch(f"{url}/api/v1/collections/{collection}")["state"] == wanted
    until(reached, 60, f"the collection is {wanted}")


def our_collect_message(house, collection):
    """Sent by `resume`, to a queue of which no sender knows; dead-lettered, replayed, completed."""
    client, aside = house.client, {"MISTNET_COLLECT_QUEUE": ASIDE}
    house.mistnet("resume", collection, "--yes", "--max-cost", "100", **aside)
    [message] = client.take(ASIDE, 1)
    claim((message.subject, message.content_type, message.deliveries)
          == (f"{collection}/collect", "application/json", 0)
          and {name: value for name, value in json.loads(message.body).items() if name != "store"}
          == {"version": 1, "kind": "collect", "collection": collection},
          house.says("receives what `mistnet resume` sent: subject, content type, body"))
    client.dead_letter(message, *WHY)
    client.leave()
    letter = house.letter(**aside)
    claim((letter["reason"], letter["description"], letter["key"]) == (*WHY, message.subject)
          and json.loads(letter["body"]) == json.loads(message.body),
          house.says("dead-letters it, and `mistnet dead-letters list` reads reason and "
                     "description"))
    house.mistnet("dead-letters", "replay", letter["letter"], **aside)
    [again] = client.take(ASIDE, 1)
    client.complete(again)
    client.leave()
    claim(again.body == message.body and again.reason is None and house.left()[ASIDE] == 0,
          house.says("receives what `mistnet dead-letters replay` sent, and completes it"))
    return message.body


def their_collect_message(house, url, collection, body):
    """Sent by their client: the sender collects."""
    house.client.send(COLLECT, ("text", body, "sent by hand"))
    state(url, collection, "storing")
    until(lambda: house.left()[COLLECT] == 0, 30, "the collect message is completed")
    claim(True, house.says("sends a collect message: our sender collects, and completes it"))


def depth(url, queue):
    """How many messages are ready, by the metrics."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    pattern = rf'mistnet_queue_depth\{{queue="{queue}",state="ready"\}} (\d+)'
    return int(re.search(pattern, text).group(1))


def our_store_messages(house, collection):
    """Sent by the sender: all taken, one put aside; returns the bodies of those completed."""
    client = house.client
    messages = client.take(STORE, PARTS + 1)
    bodies = [json.loads(message.body) for message in messages]
    subjects = [*(f"{collection}/part-{part:06}" for part in range(PARTS)), f"{collection}/end"]
    claim(sorted(message.subject for message in messages) == sorted(subjects)
          and sum(body.get("rows", 0) for body in bodies) == ROWS
          and len({message.message_id for message in messages}) == PARTS + 1,
          house.says(f"receives the {PARTS + 1} messages of our sender, each with its own id"))
    first, *others = sorted(messages, key=lambda message: message.subject.endswith("part-000002"),
                            reverse=True)
    client.dead_letter(first, *WHY)
    for message in others:
        client.complete(message)
    client.leave()
    letter = house.letter()
    shown = house.mistnet("dead-letters", "show", letter["letter"])
    claim((shown["reason"], shown["description"], shown["key"]) == (*WHY, first.subject)
          and house.left()[STORE] == 1,
          house.says("completes five of them and dead-letters one; `dead-letters show` says why"))
    return letter["letter"], others


def their_store_messages(house, collection, letter, messages, truth):
    """Sent by their client in every form that holds text, one more replayed: a receiver stores."""
    client = house.client
    forms = [(client.styles[number % len(client.styles)], message.body, f"by hand {number}")
             for number, message in enumerate(messages)]
    client.send(STORE, *forms)
    house.mistnet("dead-letters", "replay", letter)
    dataset = house.folder / "data" / collection
    with house.role("receiver"):
        until((dataset / "manifest.json").is_file, 60, "the dataset is complete")
        until(lambda: house.left()[STORE] == 0, 30, "the store messages are completed")
    with (dataset / "tweets.csv").open(encoding="utf-8", newline="") as file:
        rows = [row["id"] for row in csv.DictReader(file)]
    claim(sorted(rows) == sorted(truth[:ROWS]),
          house.says(f"sends store messages as {', '.join(client.styles)}: our receiver completes "
                     f"them, and the dataset has all {len(rows)} rows"))


def our_notice(house, collection, notice_format):
    """Sent by the receiver."""
    [notice] = house.client.take(NOTICES, 1)
    house.client.complete(notice)
    house.client.leave()
    body = json.loads(notice.body)
    types = {"cloudevents": "application/cloudevents+json", "original": "application/json"}
    ids = {"cloudevents": body.get("subject"), "original": body.get("request_id")}
    claim(ids[notice_format] == collection and notice.content_type == types[notice_format]
          and notice.subject == f"{collection}-complete" and house.left()[NOTICES] == 0,
          house.says(f"receives and completes our receiver's notice, {notice.content_type}"))


def their_bad_messages(house):
    """Sent by their client, and none of ours: dead letters that say why."""
    part = {"version": 1, "kind": "part", "collection": UNKNOWN, "part": 0, "first_page": 0,
            "last_page": 0, "rows": 1}
    collect = {"version": 1, "kind": "collect", "collection": UNKNOWN}
    sent = {
        STORE: [
            ("text", "no JSON", "1", "not understood", "not a message of mistnet"),
            # One of a newer version would wait for that version.
            ("text", '{"version":0}', "2", "not understood", "message version 0 is not known here"),
            ("text", json.dumps(collect), None, "not understood", "it has no subject"),
            ("bytes", "fffe", "3", "not understood", "its body is no text"),
            ("sequence", "one", "4", "not understood", ""),
            ("text", json.dumps(part), "5", "part not in the log", "collection"),
            ("text", json.dumps(collect), "6", "part not in the log", "queue")],
        COLLECT: [
            ("text", json.dumps(part), "7", "wrong queue", "belongs on the store queue"),
            ("text", "[]", "8", "not understood", "it has no version")]}
    for queue, messages in sent.items():
        house.client.send(queue, *(message[:3] for message in messages))
    total = sum(map(len, sent.values()))

    def listed():
        letters = house.mistnet("dead-letters", "list")["dead_letters"]
        return letters if len(letters) == total else None
    with house.role("receiver"):
        letters = until(listed, 60, f"there are {total} dead letters")
    ours = {(letter["key"], letter["reason"], letter["description"]) for letter in letters}
    theirs = set()
    for queue, messages in sent.items():
        dead = {letter.subject: letter for letter in house.client.take(queue, len(messages), True)}
        for _, _, subject, reason, description in messages:
            letter = dead[subject]
            if letter.reason != reason or description not in letter.description:
                raise Refuted(f"{subject}: {reason}, {description}, not {letter}")
            theirs.add((subject or "", letter.reason, letter.description))
            house.client.complete(letter)
    house.client.leave()
    claim(ours == theirs and len(ours) == total,
          house.says(f"sends {total} messages that are none of ours: our sender and receiver "
                     "dead-letter them, and both sides read the same reasons and descriptions"))


def interoperate(client_class, notice_format, folder, simulator):
    """Everything, with one client."""
    flags = ["--lock-seconds", str(LOCK_SECONDS), "--max-delivery", "2000"]
    queues = (COLLECT, STORE, NOTICES, ASIDE)
    with ServiceBus(folder, *flags, queues=queues) as bus:
        client = client_class(bus.connection_string)
        house = House(folder, simulator, bus, client, notice_format)
        with house.role("sender", "--listen", "127.0.0.1:0") as sender:
            url = sender.address()
            collection = pause(url, f"#{simulator.hashtag}")
            body = our_collect_message(house, collection)
            their_collect_message(house, url, collection, body)
            counted = depth(url, "store")
            letter, messages = our_store_messages(house, collection)
            claim(counted == depth(url, "store") == PARTS + 1 and house.left()[STORE] == 1,
                  house.says("/metrics counted the store queue, and believes it for a while"))
            their_store_messages(house, collection, letter, messages, simulator.truth())
            our_notice(house, collection, notice_format)
            their_bad_messages(house)
        client.close()
        claim(not any(house.left().values()), house.says("at the end all queues are empty"))


def main():
    """All of it."""
    (TARGET / "witness").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TARGET / "witness") as folder:
        folder = Path(folder)
        with Simulator(folder, seed=41, tweets=5_000, hashtag="nightjars") as simulator:
            for client, notice_format in ((Python, "cloudevents"), (JavaScript, "original")):
                own = folder / client.name
                own.mkdir()
                interoperate(client, notice_format, own, simulator)


if __name__ == "__main__":
    testify(main)
