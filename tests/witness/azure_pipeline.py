"""The pipeline as in Azure, disturbed in every way at once: nothing may be lost or doubled.

The simulator of X, `mistnet sender`, the simulator of Service Bus, two `mistnet receiver` and
Azurite run as separate processes; one receiver reaches its queue inside web sockets. Five
collections of 20 pages and more are asked for, and while they are worked on, roles are killed with
SIGKILL, links are detached, connections dropped, locks lost, tokens ended, messages doubled. Then
everything must complete, and

* every post that the simulator served for a collection is in its CSV exactly once;
* every manifest is right, read back by Microsoft's own client of Blob Storage;
* at most one page was billed again for each kill of the sender;
* Microsoft's own client of Service Bus sees a notice for each collection.

Usage: azure_pipeline.py NODE_MODULES [--disturbances 60] [--seed N]
"""

import argparse
import json
import random
import time
import urllib.error
from collections import Counter

from azure.servicebus import ServiceBusClient
from azure.storage.blob import ContainerClient
from azurite import Azurite
from kill import HASHTAG, POSTS, ask_for_everything, settle
from rig import (Process, Refuted, Simulator, claim, empty_folder, fetch, free_port, testify,
                 until)


COLLECTIONS, CONTAINER, NOTICES = 5, "mistnet", "mistnet-notices"
LOCK_SECONDS = 5
PATIENCE_SECONDS = 600
FAULTS = (
    {"kind": "force_detach"}, {"kind": "drop_connections"}, {"kind": "lose_locks"},
    {"kind": "expire_tokens"}, {"kind": "server_busy", "sends": 2},
    {"kind": "lose_dispositions", "count": 2}, {"kind": "duplicate_deliveries", "count": 2})


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--disturbances", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    return parser.parse_args()


class Bus(Process):
    """`mistnet simulate service-bus`."""

    def __init__(self, folder):
        control, port = free_port(), free_port()
        super().__init__("service-bus", [
            "simulate", "service-bus", "--listen", f"127.0.0.1:{port}",
            "--control", f"127.0.0.1:{control}",
            "--queues", f"mistnet-collect,mistnet-store,{NOTICES}",
            "--lock-seconds", str(LOCK_SECONDS), "--max-delivery", "2000"], folder)
        self.control = f"http://127.0.0.1:{control}"
        self.connection = (f"Endpoint=sb://localhost:{port};SharedAccessKeyName=any;"
                           "SharedAccessKey=any;UseDevelopmentEmulator=true;")
        self.address()

    def fail(self, fault):
        """One fault, now."""
        fetch(f"{self.control}/_sim/faults", [fault])


class House:
    """The running processes, and what was asked of them."""

    def __init__(self, folder, simulator, bus, azurite):
        self.port, self.asked = free_port(), {}
        shared = {
            "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
            "MISTNET_QUEUE": "servicebus:", "AZURE_SERVICEBUS_CONNECTION_STRING": bus.connection,
            "MISTNET_STORE": f"az://{CONTAINER}",
            "AZURE_STORAGE_CONNECTION_STRING": azurite.connection_string,
            "MISTNET_NOTIFY_QUEUE": NOTICES, "MISTNET_SWEEP_INTERVAL_SECONDS": "10",
            "MISTNET_LEASE_SECONDS": str(LOCK_SECONDS)}
        self.url = f"http://127.0.0.1:{self.port}"
        self.sender = Process("sender", ["sender", "--listen", f"127.0.0.1:{self.port}"],
                              folder, shared.items())
        # One takes each way to the queues.
        self.receivers = [
            Process(f"receiver-{transport}", ["receiver"], folder,
                    {**shared, "MISTNET_SERVICEBUS_TRANSPORT": transport}.items())
            for transport in ("tcp", "websocket")]
        self.roles = [self.sender, *self.receivers]
        until(self.answers, 60, "the sender answers")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for role in self.roles:
            role.stop()

    def answers(self):
        """Whether the HTTP service is there."""
        try:
            fetch(f"{self.url}/healthz", timeout=5)
        except (urllib.error.HTTPError, ValueError):
            return True
        except OSError:
            return False
        return True

    def ask(self):
        """One more collection of everything."""
        ask_for_everything(self.url, self.asked)

    def states(self):
        """What the service says of each collection."""
        return {id: fetch(f"{self.url}/api/v1/collections/{id}") for id in self.asked}

    def complete(self):
        """Whether all are."""
        for role in self.roles:
            role.must_run()
        return all(shown["state"] == "complete" for shown in self.states().values())


def disturb(house, bus, chance, times):
    """Kills and faults at random; counts by name."""
    done = Counter()
    for _ in range(times):
        time.sleep(chance.uniform(0.1, 1.0))
        if chance.random() < 0.4:
            victim = chance.choice(house.roles)
            victim.kill()
            victim.start()
            done[f"kill {victim.name}"] += 1
            until(house.answers, 60, "the sender answers")
        else:
            fault = chance.choice(FAULTS)
            bus.fail(fault)
            done[fault["kind"]] += 1
    return done


def download(azurite, folder):
    """The whole container, by Microsoft's client."""
    container = ContainerClient.from_connection_string(azurite.connection_string, CONTAINER)
    for blob in container.list_blobs():
        if "/_log/" not in blob.name:
            path = folder / blob.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(container.download_blob(blob.name).readall())


def notices(bus):
    """The ids of the collections that a notice told of, by Microsoft's client."""
    told = Counter()
    with ServiceBusClient.from_connection_string(bus.connection) as client, \
            client.get_queue_receiver(NOTICES, max_wait_time=5) as receiver:
        for message in receiver:
            event = json.loads(str(message))
            if message.content_type != "application/cloudevents+json":
                raise Refuted(f"a notice says that it is a CloudEvent: {message.content_type}")
            if event["specversion"] != "1.0" or event["type"] != "mistnet.collection.complete":
                raise Refuted(f"a notice is a CloudEvent: {event}")
            told[event["subject"]] += 1
            receiver.complete_message(message)
    return told


def main():
    """All of it."""
    arguments = parse_arguments()
    folder = empty_folder("azure")
    print(f"seed {arguments.seed}, {arguments.disturbances} disturbances", flush=True)
    with Simulator(folder, seed=arguments.seed, tweets=POSTS, hashtag=HASHTAG,
                   latency_ms=100) as simulator, \
            Bus(folder) as bus, Azurite(folder) as azurite, \
            House(folder, simulator, bus, azurite) as house:
        for _ in range(COLLECTIONS):
            house.ask()
        done = disturb(house, bus, random.Random(arguments.seed), arguments.disturbances)
        print(f"  disturbances: {dict(sorted(done.items()))}", flush=True)
        try:
            until(house.complete, PATIENCE_SECONDS, "all collections complete")
        except Refuted as refuted:
            raise Refuted(f"{refuted}; {house.states()}") from None
        download(azurite, folder / "data")
        account = settle(simulator, house.asked, folder / "data")
        told = notices(bus)
    account.check(COLLECTIONS, done["kill sender"])
    claim(set(told) == set(house.asked), f"a notice told of each collection: {sorted(told.values())}")


if __name__ == "__main__":
    testify(main)
