"""Azure's own clients, unmodified, work against the simulator of Service Bus.

azure-servicebus for Python here, and @azure/service-bus for JavaScript in service_bus_clients.mjs,
which this script runs. Both were written against the real service, and check what they are told:
if every operation that a queue has ends as they expect, and they get over detached links and
dropped connections by themselves, the simulator is close enough for ours to be tested against it.
Tokens are checked for real: the clients sign them with the key in the connection string. Both go over
TCP and inside web sockets; `mistnet doctor` takes the same ways.
"""

import datetime
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import trustme
from azure.servicebus import (
    AutoLockRenewer, ServiceBusClient, ServiceBusMessage, ServiceBusReceiveMode, ServiceBusSubQueue,
    TransportType)
from azure.servicebus.exceptions import (
    MessageLockLostError, MessageSizeExceededError, MessagingEntityNotFoundError,
    ServiceBusAuthenticationError, ServiceBusAuthorizationError, ServiceBusError,
    ServiceBusServerBusyError)

from rig import (
    BINARY, TARGET, Process, Refuted, claim, fetch, free_port, testify, until)

QUEUE = "Birds"
LOCK_SECONDS = 2
POLICY = "ringer=c2ltdWxhdGVk"
LARGEST = 262_144


class ServiceBus(Process):
    """`mistnet simulate service-bus`."""

    def __init__(self, folder, *flags, queues=(QUEUE, "other")):
        super().__init__("service-bus", [
            "simulate", "service-bus", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0",
            "--queues", ",".join(queues), "--policy", POLICY, *flags], folder)
        lines = until(self.announced, 30, "the simulator says where it is")
        self.connection_string, self.control = lines[1], lines[2].removeprefix("control ")

    def announced(self):
        """Its first three lines, when they are there."""
        self.must_run()
        lines = self.said().splitlines()
        return lines if any(line.startswith("control ") for line in lines) else None

    def fault(self, kind, **details):
        """Makes a fault."""
        fetch(f"{self.control}/_sim/faults", [{"kind": kind, **details}])

    def counts(self):
        """Where how many messages are."""
        return fetch(f"{self.control}/_sim/queues")[QUEUE.lower()]

    def endpoint(self):
        """Where it is, as clients take a custom endpoint."""
        return self.connection_string.split(";")[0].removeprefix("Endpoint=")

    def client(self, **options):
        """A client of it, with the patience of a test."""
        options = {"retry_total": 3, "retry_backoff_factor": 0.2, **options}
        return ServiceBusClient.from_connection_string(self.connection_string, **options)


class Ends:
    """A sender, a receiver and a receiver of dead letters at one queue."""

    def __init__(self, client):
        self.sender = client.get_queue_sender(QUEUE)
        self.receiver = client.get_queue_receiver(QUEUE, max_wait_time=3)
        self.dead = client.get_queue_receiver(
            QUEUE, sub_queue=ServiceBusSubQueue.DEAD_LETTER, max_wait_time=3)

    def send(self, body, **options):
        """Sends one message."""
        self.sender.send_messages(ServiceBusMessage(body, **options))

    def one(self, receiver=None, wait=5):
        """The next message."""
        messages = (receiver or self.receiver).receive_messages(1, max_wait_time=wait)
        if not messages:
            raise Refuted(f"a message comes within {wait} s")
        return messages[0]

    def done(self, body, receiver=None):
        """The next message, completed; it must be this one."""
        receiver = receiver or self.receiver
        message = self.one(receiver)
        receiver.complete_message(message)
        if str(message) != body:
            raise Refuted(f"the next message is {body!r}, not {str(message)[:40]!r}")
        return message


def refused(action, *errors):
    """The error with which the client reports a refusal."""
    try:
        action()
    except errors as error:
        return error
    return None


def sending(ends):
    """Single messages, lists, batches, and too large ones."""
    ends.sender.send_messages([
        ServiceBusMessage(f"hello {n}", message_id=f"m{n}", application_properties={"n": n})
        for n in range(5)])
    messages = until(lambda: collected(ends, 5), 5, "five messages come")
    claim([m.message_id for m in messages] == [f"m{n}" for n in range(5)]
          and [m.application_properties[b"n"] for m in messages] == list(range(5)),
          "python: a list comes in order, with its ids and properties")
    claim([m.sequence_number for m in messages] == [1, 2, 3, 4, 5]
          and all(m.delivery_count == 0 and m.enqueued_time_utc for m in messages),
          "python: numbered from 1, with their times, delivered first")
    batch, held = ends.sender.create_message_batch(), 0
    try:
        while True:
            batch.add_message(ServiceBusMessage(b"z" * 20_000))
            held += 1
    except MessageSizeExceededError:
        ends.sender.send_messages(batch)
    claim(batch.max_size_in_bytes == LARGEST and len(collected(ends, held)) == held > 10,
          f"python: a batch of {held} messages filled to {LARGEST} bytes arrives whole")
    large = b"y" * 250_000
    ends.send(large)
    message = ends.one()
    ends.receiver.complete_message(message)
    claim(b"".join(message.body) == large, "python: 250,000 bytes come back in many frames")
    error = refused(lambda: ends.send(b"z" * 300_000), MessageSizeExceededError)
    claim(error is not None, "python: 300,000 bytes are refused as too large")


def collected(ends, count):
    """So many messages, completed."""
    messages = []
    while len(messages) < count:
        for message in ends.receiver.receive_messages(count, max_wait_time=2) or [None]:
            if message is None:
                return messages
            ends.receiver.complete_message(message)
            messages.append(message)
    return messages


def settling(ends):
    """Abandon, dead-letter, defer, peek, receive and delete."""
    ends.send("again")
    message = ends.one()
    ends.receiver.abandon_message(message)
    claim(ends.done("again").delivery_count == 1, "python: an abandoned message comes again, counted")
    ends.send("bad", message_id="poison")
    ends.receiver.dead_letter_message(ends.one(), reason="why", error_description="because")
    letter = ends.done("bad", ends.dead)
    claim((letter.dead_letter_reason, letter.dead_letter_error_description, letter.message_id,
           letter.dead_letter_source) == ("why", "because", "poison", QUEUE.lower()),
          "python: a dead letter says why, where from, and keeps its id")
    ends.send("later")
    message = ends.one()
    ends.receiver.defer_message(message)
    deferred = ends.receiver.receive_deferred_messages(message.sequence_number)
    ends.receiver.complete_message(deferred[0])
    claim(str(deferred[0]) == "later", "python: a deferred message is received by its number")
    ends.send("seen")
    peeked = [str(message) for message in ends.receiver.peek_messages(3)]
    claim(peeked == ["seen"] and ends.done("seen").delivery_count == 0,
          "python: peeking takes nothing and counts nothing")
    claim(ends.receiver.peek_messages(3) == [], "python: peeking into an empty queue finds nothing")


def deleting(client, ends):
    """Receive and delete."""
    ends.send("gone")
    with client.get_queue_receiver(
            QUEUE, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE, max_wait_time=3) as taker:
        claim(str(ends.one(taker)) == "gone", "python: receive and delete receives")
    claim(ends.receiver.receive_messages(1, max_wait_time=1) == [], "python: and deletes")


def scheduling(ends):
    """Scheduled and cancelled messages."""
    begin = time.monotonic()
    due = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
    ends.sender.schedule_messages(ServiceBusMessage("due"), due)
    hour = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    numbers = ends.sender.schedule_messages(ServiceBusMessage("never"), hour)
    ends.sender.cancel_scheduled_messages(numbers)
    ends.done("due")
    waited = time.monotonic() - begin
    claim(1.5 < waited < 4, f"python: a message scheduled in 2 s came after {waited:.1f} s")


def locking(client, simulator, ends):
    """Renewal, expiry, the last delivery."""
    ends.send("renewed")
    message = ends.one()
    before = message.locked_until_utc
    time.sleep(LOCK_SECONDS / 2)
    after = ends.receiver.renew_message_lock(message)
    time.sleep(LOCK_SECONDS * 0.75)
    ends.receiver.complete_message(message)
    claim(after > before, "python: a renewed lock outlives its first end")
    ends.send("slow")
    with AutoLockRenewer() as renewer:
        message = ends.one()
        renewer.register(ends.receiver, message, max_lock_renewal_duration=20)
        time.sleep(LOCK_SECONDS * 2)
        ends.receiver.complete_message(message)
    claim(simulator.counts()["active"] == 0, "python: AutoLockRenewer holds a lock for two lock times")
    ends.send("lost")
    message = ends.one()
    time.sleep(LOCK_SECONDS + 0.3)
    error = refused(lambda: ends.receiver.complete_message(message), MessageLockLostError)
    claim(error is not None and ends.done("lost").delivery_count == 1,
          "python: after its lock a message can't be completed, and comes again")
    simulator_side_loss(simulator, ends)
    ends.send("hopeless")
    deliveries = 0
    while messages := ends.receiver.receive_messages(1, max_wait_time=1):
        ends.receiver.abandon_message(messages[0])
        deliveries += 1
    letter = ends.done("hopeless", ends.dead)
    claim(deliveries == 3 and letter.dead_letter_reason == "MaxDeliveryCountExceeded",
          "python: after 3 deliveries a message is a dead letter")
    ends.send("letter")
    ends.receiver.dead_letter_message(ends.one())
    letter = ends.one(ends.dead)
    until_utc = ends.dead.renew_message_lock(letter)
    ends.dead.complete_message(letter)
    claim(until_utc is not None, "python: the lock of a dead letter can be renewed")
    for _ in range(3):
        ends.send("twin", message_id="twin")
    claim(len(collected(ends, 3)) == 1, "python: of three messages with one id, one arrives")
    with client.get_queue_receiver(QUEUE, max_wait_time=1) as other:
        claim(other.receive_messages(1, max_wait_time=1) == [], "python: nothing is left")


def simulator_side_loss(simulator, ends):
    """A lock that is lost although its time is not over: the client learns it from the service."""
    ends.send("revoked")
    message = ends.one()
    simulator.fault("lose_locks")
    error = refused(lambda: ends.receiver.complete_message(message), MessageLockLostError)
    claim(error is not None and ends.done("revoked").delivery_count == 1,
          "python: the service's own message-lock-lost is understood")


def again(action):
    """How often the client reported an expired token; the try after that must work."""
    if refused(action, ServiceBusAuthorizationError) is None:
        return 0
    action()
    return 1


def trouble(simulator, ends):
    """Faults that the client gets over by itself, and one that it reports."""
    for kind in ("force_detach", "drop_connections"):
        simulator.fault(kind)
        begin = time.monotonic()
        ends.send(f"after {kind}")
        ends.done(f"after {kind}")
        claim(True, f"python: over {kind} in {time.monotonic() - begin:.1f} s")
    simulator.fault("expire_tokens")
    said = again(lambda: ends.send("token")) + again(lambda: ends.done("token"))
    claim(said, "python: an expired token is reported as ServiceBusAuthorizationError, and the next "
                "try has a new one")
    simulator.fault("server_busy", sends=1)
    ends.send("busy")
    ends.done("busy")
    claim(True, "python: over one server-busy by trying again")
    simulator.fault("slow_dispositions", delay_ms=500)
    ends.send("slowly")
    begin = time.monotonic()
    ends.done("slowly")
    simulator.fault("slow_dispositions", delay_ms=0)
    claim(time.monotonic() - begin > 0.5, "python: complete waits for a slow service")
    simulator.fault("duplicate_deliveries", count=1)
    ends.send("double")
    twins = [ends.one(), ends.one()]
    claim(len({twin.sequence_number for twin in twins}) == 1
          and len({twin.lock_token for twin in twins}) == 2,
          "python: a duplicated delivery comes twice, under two locks")
    for twin in twins:
        ends.receiver.complete_message(twin)


def refusals(simulator, client):
    """What does not exist, and who may not."""
    def send_to(some_client, queue):
        with some_client.get_queue_sender(queue) as sender:
            sender.send_messages(ServiceBusMessage("x"))
    error = refused(lambda: send_to(client, "nowhere"), MessagingEntityNotFoundError)
    claim(error is not None, "python: an unknown queue is not found")
    forged = simulator.connection_string.replace("c2ltdWxhdGVk", "Zm9yZ2Vk")
    with ServiceBusClient.from_connection_string(forged, retry_total=0) as thief:
        error = refused(lambda: send_to(thief, QUEUE), ServiceBusAuthenticationError,
                        ServiceBusAuthorizationError)
        claim(error is not None, f"python: a wrong key is refused ({type(error).__name__})")
    simulator.fault("server_busy", sends=5)
    with simulator.client(retry_total=0) as hasty:
        error = refused(lambda: send_to(hasty, QUEUE), ServiceBusServerBusyError, ServiceBusError)
        claim(isinstance(error, ServiceBusServerBusyError), "python: server-busy is understood as that")
    simulator.fault("server_busy", sends=0)


def python_testifies(folder):
    """All of azure-servicebus."""
    with ServiceBus(folder) as simulator, simulator.client() as client:
        ends = Ends(client)
        sending(ends)
        settling(ends)
        deleting(client, ends)
        scheduling(ends)
        trouble(simulator, ends)
        refusals(simulator, client)
        claim(not any(simulator.counts().values()), "python: at the end the queue is empty")
    flags = ["--lock-seconds", str(LOCK_SECONDS), "--max-delivery", "3", "--duplicate-seconds", "60"]
    with ServiceBus(folder, *flags) as simulator, simulator.client() as client:
        locking(client, simulator, Ends(client))


def certificate(folder):
    """A certificate for localhost: the flags that serve it, and the authority to trust."""
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost")
    chain, key, root = (Path(folder) / name for name in ("chain.pem", "key.pem", "root.pem"))
    chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(root)
    return ["--tls-cert", chain, "--tls-key", key], root


def tls_testifies(folder, flags, root):
    """Over TLS, with a certificate of our own authority."""
    with ServiceBus(folder, *flags) as simulator:
        # Without these two the client goes to port 5671, whatever the connection string says.
        with simulator.client(connection_verify=str(root),
                              custom_endpoint_address=simulator.endpoint(),
                              transport_type=TransportType.Amqp) as client:
            ends = Ends(client)
            ends.send("s" * 200_000)
            ends.done("s" * 200_000)
            claim(True, "python: 200,000 bytes there and back over TLS")


def web_sockets_testify(folder, flags, root):
    """The whole of it once more inside web sockets, and a little of it inside TLS besides."""
    web = {"transport_type": TransportType.AmqpOverWebsocket}
    with ServiceBus(folder) as simulator:
        with simulator.client(custom_endpoint_address=simulator.endpoint(), **web) as client:
            ends = Ends(client)
            print("  inside web sockets:", flush=True)
            sending(ends)
            settling(ends)
            trouble(simulator, ends)
    with ServiceBus(folder, *flags) as simulator:
        with simulator.client(connection_verify=str(root),
                              custom_endpoint_address=simulator.endpoint(), **web) as client:
            ends = Ends(client)
            ends.send("s" * 200_000)
            ends.done("s" * 200_000)
            claim(True, "python: 200,000 bytes there and back inside a web socket inside TLS")


def doctor(simulator, environment):
    """What `mistnet doctor` finds out about the queues of a simulator."""
    found = subprocess.run(
        [BINARY, "doctor", "--online", "--json", "--queue", "servicebus:"], check=False,
        capture_output=True, text=True, cwd=simulator.folder, timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": str(simulator.folder),
             "MISTNET_X_API_URL": "http://127.0.0.1:1", "MISTNET_COLLECT_QUEUE": QUEUE,
             "MISTNET_STORE_QUEUE": "other", **environment})
    return [finding for finding in json.loads(found.stdout)["findings"]
            if finding["detail"].startswith(("collect: ", "store: "))]


def ours_testifies(folder, flags, root):
    """Our own client finds the same queues by the same way, and says what is wrong with it."""
    with ServiceBus(folder, *flags) as simulator:
        by_string = simulator.connection_string + "TransportType=AmqpWebSockets"
        trusted = {"SSL_CERT_FILE": str(root)}
        for how, environment in (
                ("TransportType=AmqpWebSockets", {"AZURE_SERVICEBUS_CONNECTION_STRING": by_string}),
                ("MISTNET_SERVICEBUS_TRANSPORT=websocket",
                 {"AZURE_SERVICEBUS_CONNECTION_STRING": simulator.connection_string,
                  "MISTNET_SERVICEBUS_TRANSPORT": "websocket"})):
            found = doctor(simulator, {**environment, **trusted})
            claim([finding["verdict"] for finding in found] == ["ok", "ok"],
                  f"mistnet: {how} reaches both queues inside a web socket inside TLS")
        found = doctor(simulator, {"AZURE_SERVICEBUS_CONNECTION_STRING": by_string})
        claim(all(finding["verdict"] == "wrong" and "SSL_CERT_FILE" in finding["detail"]
                  for finding in found) and found,
              "mistnet: an authority that nobody knows is refused, with what to do")
    closed = f"Endpoint=sb://localhost:{free_port()};SharedAccessKeyName=a;SharedAccessKey=Yg=="
    found = doctor(simulator, {"AZURE_SERVICEBUS_CONNECTION_STRING": closed})
    claim(all("MISTNET_SERVICEBUS_TRANSPORT=websocket" in finding["hint"] for finding in found)
          and found, "mistnet: a port that is closed is answered with the way around it")


def javascript_testifies(folder, flags, root):
    """All of @azure/service-bus; inside web sockets it insists on TLS."""
    script = Path(__file__).with_suffix(".mjs")
    for more, transport in (([], "tcp"), (flags, "websocket")):
        with ServiceBus(folder, "--lock-seconds", "20", *more) as simulator:
            print(f"  over {transport}:", flush=True)
            command = ["node", script, simulator.connection_string, simulator.control, QUEUE,
                       transport]
            environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(root)}
            if (code := subprocess.run(command, check=False, env=environment).returncode) != 0:
                sys.exit(code)


def main():
    """All of it."""
    logging.basicConfig(level=logging.CRITICAL)
    (TARGET / "witness").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TARGET / "witness") as folder:
        python_testifies(folder)
        flags, root = certificate(folder)
        tls_testifies(folder, flags, root)
        web_sockets_testify(folder, flags, root)
        javascript_testifies(folder, flags, root)
        ours_testifies(folder, flags, root)


if __name__ == "__main__":
    testify(main)
