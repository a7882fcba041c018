"""Stores on Azure Blob Storage, with Azurite (Microsoft's own emulator) as the service and
Microsoft's own Python client as the reader.

Usage: azurite.py [RESULTS]   with NODE_PACKAGES=FOLDER that has Azurite installed

1. The store's contract, and what it can't say, as Rust tests against Azurite.
2. Datasets by `collect` and by a sender with two receivers, read back by azure-storage-blob:
   rows, checksums of the manifest, content types; `list`, `show` and `verify` agree.
3. Every kind of credential that Azurite knows, and how each refusal is told.
"""

import csv
import datetime
import hashlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from azure.storage.blob import (
    AccountSasPermissions, BlobServiceClient, ContainerSasPermissions, ResourceTypes,
    generate_account_sas, generate_container_sas)

from rig import (
    BINARY, ROOT, Process, Refuted, Simulator, claim, fetch, free_port, testify, until)

ACCOUNT = "devstoreaccount1"
# Published by Microsoft for every emulator; no secret, but it must not be shown all the same.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
TYPES = {".csv": "text/csv; charset=utf-8", ".json": "application/json", ".zst": "application/zstd"}
SINCE = ["--since", "2006-03-21", "--partition-size", "100"]


class Azurite:
    """Azurite's blob service on a free port, in memory."""

    def __init__(self, folder, *more):
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}/{ACCOUNT}"
        program = Path(os.environ["NODE_PACKAGES"]) / "node_modules/azurite/dist/src/blob/main.js"
        self.log = Path(folder) / "azurite.log"
        with self.log.open("wb") as log:
            # The program itself, so that ending it ends everything.
            self.child = subprocess.Popen(
                ["node", str(program), "--blobHost", "127.0.0.1", "--blobPort", str(self.port),
                 "--inMemoryPersistence", "--skipApiVersionCheck", "--silent",
                 "--disableTelemetry", "--disableProductStyleUrl", *map(str, more)],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def listens(self):
        """Whether it takes connections."""
        if self.child.poll() is not None:
            raise Refuted(f"Azurite keeps running:\n{self.log.read_text(errors='replace')}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def connection_string(self):
        return (f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
                f"BlobEndpoint={self.endpoint};")

    def __enter__(self):
        try:
            until(self.listens, 30, "Azurite takes connections")
        except Refuted:
            self.child.kill()
            raise
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait(30)


class Machine:
    """A folder, an X simulator and credentials; every output is kept to be searched for secrets."""

    def __init__(self, folder, simulator):
        self.folder, self.simulator, self.said = Path(folder), simulator, []

    def environment(self, credentials):
        """What a process finds, and nothing of this machine's settings."""
        kept = {"PATH": os.environ["PATH"], "X_BEARER_TOKEN": "any", "MISTNET_X_PACING": "off",
                "MISTNET_X_API_URL": self.simulator.url, "NO_COLOR": "1"}
        return {**kept, **credentials}

    def run(self, credentials, *arguments):
        """Runs a command; exit code, the object on the last line, everything said."""
        done = subprocess.run(
            [str(BINARY), *arguments], env=self.environment(credentials), cwd=self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False)
        said = done.stdout + done.stderr
        self.said.append(said)
        lines = done.stdout.splitlines()
        return done.returncode, lines[-1] if lines else "", said

    def succeeds(self, credentials, *arguments):
        """Runs a command that must work, and returns its object."""
        code, last, said = self.run(credentials, *arguments, "--json")
        if code != 0:
            raise Refuted(f"{' '.join(arguments)} works, not exit {code}:\n{said}")
        return json.loads(last)


def rust_tests(azurite, results):
    """The contract suite and the tests beside it."""
    output = results / "rust.log"
    with output.open("w") as log:
        code = subprocess.run(
            ["cargo", "test", "--locked", "--package", "mistnet", "--lib", "store::", "--",
             "--ignored"], cwd=ROOT, stdout=log, stderr=log, check=False,
            env={**os.environ, "MISTNET_TEST_AZURITE": azurite.connection_string}).returncode
    text = output.read_text()
    passed = re.search(r"test result: ok\. (\d+) passed; 0 failed", text)
    claim(code == 0 and passed and int(passed.group(1)) >= 12,
          f"the store's contract holds on Azurite ({passed and passed.group(1)} tests, {output})")


def read(container, name):
    """A blob's content and its content type."""
    blob = container.get_blob_client(name)
    kind = blob.get_blob_properties().content_settings.content_type
    return blob.download_blob().readall(), kind


def check_dataset(service, store, summary, truth):
    """The dataset as Microsoft's client sees it; returns its manifest."""
    name, prefix = store.removeprefix("az://").split("/", 1)
    container, root = service.get_container_client(name), f"{prefix}/{summary['collection']}"
    names = [blob.name for blob in container.list_blobs(name_starts_with=root)]
    for blob in names:
        kind = read(container, blob)[1]
        if kind != TYPES[Path(blob).suffix]:
            raise Refuted(f"{blob} has its content type, not {kind}")
    claim(len(names) > 5, f"{len(names)} blobs below {root} have their content types")
    manifest = json.loads(read(container, f"{root}/manifest.json")[0])
    ids, whole = [], None
    for file in manifest["files"]:
        beside = file.get("container")
        place = service.get_container_client(beside) if beside else container
        path = file["path"] if beside else f"{root}/{file['path']}"
        content, kind = read(place, path)
        if hashlib.sha256(content).hexdigest() != file["sha256"] or len(content) != file["bytes"]:
            raise Refuted(f"{path} is as the manifest says")
        if kind != TYPES[".csv"]:
            raise Refuted(f"{path} is {TYPES['.csv']}, not {kind}")
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        if file["path"] == "tweets.csv":
            whole = [row["id"] for row in rows]
        else:
            ids += [row["id"] for row in rows]
    claim(ids == truth, f"{len(ids)} rows in {manifest['parts']} parts are what X has, once each")
    claim(whole in (None, ids), "the file with all rows has the same")
    return manifest


def end_to_end(machine, service, credentials):
    """`collect`, and the commands that read."""
    store, x = "az://mistnet-data/team/x", machine.simulator
    summary = machine.succeeds(credentials, "collect", "--yes", f"#{x.hashtag}", "--limit", "1205", *SINCE,
                               "--store", store)
    claim(summary["dataset"] == f"{store}/{summary['collection']}", "collect names the dataset")
    manifest = check_dataset(service, store, summary, x.truth()[:1205])
    claim(manifest["rows"] == 1205, "manifest: 1205 rows")
    at = ("--store", store)
    listed = machine.succeeds(credentials, "list", *at)
    claim(summary["collection"] in json.dumps(listed), "list has it")
    machine.succeeds(credentials, "show", summary["collection"], *at)
    machine.succeeds(credentials, "verify", summary["collection"], *at)
    claim(True, "show and verify agree")
    found = machine.succeeds(credentials, "doctor", "--online", *at)
    store_line = [f for f in found["findings"] if f["check"] == "store"]
    claim("can be read and written" in store_line[0]["detail"], "doctor --online can write there")
    return store, summary


def original_layout(machine, service, credentials):
    """Names as mistnet's predecessor gave them."""
    x = machine.simulator
    store = "az://mistnet-logs/orig"
    summary = machine.succeeds(
        credentials, "collect", "--yes", f"#{x.hashtag}", "--limit", "250", *SINCE, "--store", store,
        "--layout", "original", "--profile", "original")
    manifest = check_dataset(service, store, summary, x.truth()[:250])
    day = datetime.datetime.fromisoformat(manifest["created_at"]).astimezone(datetime.timezone.utc)
    wanted = [(day.strftime("container%m%Y"),
               f"{day.strftime('Blob_%d_%m_%Y')}/{summary['collection']}/fileblock_{n}.csv")
              for n in range(3)]
    names = [(file.get("container"), file["path"]) for file in manifest["files"]]
    claim(names == wanted, f"layout original: {'/'.join(names[0])} and so on, and no merged file")
    header = read(service.get_container_client(names[0][0]), names[0][1])[0].split(b"\n")[0]
    claim(len(header.split(b",")) == 25, "profile original: its 25 columns")
    machine.succeeds(credentials, "verify", summary["collection"], "--store", store)


def two_receivers(machine, service, credentials):
    """A sender and two receivers as processes of their own."""
    x, store = machine.simulator, "az://mistnet-roles/p"
    environment = {**machine.environment(credentials), "MISTNET_STORE": store,
                   "MISTNET_PARTITION_SIZE": "50"}
    roles = [Process(name, [name.split("-")[0], *extra], machine.folder, environment)
             for name, extra in [("sender-1", ["--listen", "127.0.0.1:0"]),
                                 ("receiver-1", []), ("receiver-2", [])]]
    try:
        body = {"hashtag": x.hashtag, "num_results": 1000, "start_date": "2006-03-21"}
        collection = fetch(f"{roles[0].address()}/search/", body)["request_id"]
        blob = service.get_blob_client("mistnet-roles", f"p/{collection}/manifest.json")
        until(blob.exists, 120, "a sender and two receivers finish a dataset")
    finally:
        for role in roles:
            role.stop()
            machine.said.append(role.log.read_text(errors="replace"))
    check_dataset(service, store, {"collection": collection}, x.truth()[:1000])


def sas(rights, container=None, hours=1):
    """A shared access signature that ends in so many hours and lasts three, of a container or of
    the whole account."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    when = {"start": end - datetime.timedelta(hours=3), "expiry": end}
    if container:
        return generate_container_sas(
            ACCOUNT, container, account_key=KEY,
            permission=ContainerSasPermissions.from_string(rights), **when)
    return generate_account_sas(
        ACCOUNT, account_key=KEY, permission=AccountSasPermissions.from_string(rights),
        resource_types=ResourceTypes(service=True, container=True, object=True), **when)


def every_credential(machine, azurite, store, summary):
    """The same dataset by every kind of credential that Azurite knows."""
    key_file = machine.folder / "key"
    key_file.write_text(f"{KEY}\n")
    name = store.removeprefix("az://").split("/")[0]
    account = {"AZURE_STORAGE_ACCOUNT": ACCOUNT, "AZURE_STORAGE_BLOB_ENDPOINT": azurite.endpoint}
    token = sas("rl", name)
    ways = {
        "account and key": {**account, "AZURE_STORAGE_KEY": KEY},
        "key in a file": {**account, "AZURE_STORAGE_KEY_FILE": str(key_file)},
        "signature of the container": {**account, "AZURE_STORAGE_SAS_TOKEN": token},
        "signature of the account": {**account, "AZURE_STORAGE_SAS_TOKEN": f"?{sas('rl')}"},
        "SAS URL": {"AZURE_STORAGE_SAS_TOKEN": f"{azurite.endpoint}/{name}?{token}"},
        "connection string with a signature": {"AZURE_STORAGE_CONNECTION_STRING":
            f"BlobEndpoint={azurite.endpoint};SharedAccessSignature={token}"},
    }
    for way, credentials in ways.items():
        machine.succeeds(credentials, "verify", summary["collection"], "--store", store)
        claim(True, f"verify by {way}")
    writer = {**account, "AZURE_STORAGE_SAS_TOKEN": sas("rcwl", name)}
    machine.succeeds(writer, "collect", "--yes", f"#{machine.simulator.hashtag}", "--limit", "110", *SINCE,
                     "--store", store)
    claim(True, "collect by a signature that may read, create, write and list")


def refusals(machine, azurite, store):
    """What goes wrong is told with the setting to correct, and ends at once."""
    account = {"AZURE_STORAGE_ACCOUNT": ACCOUNT, "AZURE_STORAGE_BLOB_ENDPOINT": azurite.endpoint}
    wrong_key = {**account, "AZURE_STORAGE_KEY": "d3Jvbmcga2V5"}
    name = store.removeprefix("az://").split("/")[0]
    signed = lambda token: {**account, "AZURE_STORAGE_SAS_TOKEN": token}
    whole = {"AZURE_STORAGE_CONNECTION_STRING": azurite.connection_string}
    away = {**account, "AZURE_STORAGE_KEY": KEY,
            "AZURE_STORAGE_BLOB_ENDPOINT": f"http://127.0.0.1:{free_port()}/{ACCOUNT}"}
    write = ["collect", "--yes", f"#{machine.simulator.hashtag}", "--limit", "10", *SINCE]
    at = ["--store", store]
    for what, credentials, arguments, code, text in [
        ("a wrong key", wrong_key, ["list", *at], 77, "AZURE_STORAGE_KEY"),
        ("a wrong key, for a writer", wrong_key, [*write, *at], 77, "AZURE_STORAGE_KEY"),
        ("a signature that is over", signed(sas("rcwl", name, hours=-1)), ["list", *at], 77,
         "AZURE_STORAGE_SAS_TOKEN"),
        ("a signature that has not begun", signed(sas("rcwl", name, hours=9)), ["list", *at], 77,
         "AZURE_STORAGE_SAS_TOKEN"),
        ("a signature that may only read", signed(sas("rl", name)), [*write, *at], 77, "(rcwl)"),
        ("a doctor with a signature that may only read", signed(sas("rl", name)),
         ["doctor", "--online", *at], 1, "(rcwl)"),
        ("a missing container and a signature that can't make it", signed(sas("rcwl", "missing")),
         [*write, "--store", "az://missing/x"], 77, "make missing beforehand"),
        ("a missing container, for a reader", whole, ["list", "--store", "az://missing/x"], 66,
         "there is no store at az://missing/x"),
        ("an account that is not there", away, ["list", *at], 74, "can't be reached"),
        ("a container's name that can't be", whole, ["list", "--store", "az://My_Data"], 2,
         "lower-case letters"),
        ("no account", {}, ["list", *at], 2, "AZURE_STORAGE_CONNECTION_STRING"),
        ("a malformed string", {"AZURE_STORAGE_CONNECTION_STRING": "AccountName=a"},
         ["list", *at], 78, "AccountKey"),
    ]:
        found, _, said = machine.run(credentials, *arguments)
        claim(found == code and text in said, f"{what}: exit {code}, and {text!r}"
              if found == code and text in said else f"{what}: exit {code} and {text!r}, "
              f"not exit {found}:\n{said}")


def no_secret_was_said(machine):
    """Neither key nor signature in anything that was printed or logged."""
    everything = "\n".join(machine.said)
    signatures = re.findall(r"sig=(?!\[redacted\])\S{4}", everything)
    claim(KEY[:12] not in everything and not signatures,
          f"no key and no signature in {len(everything)} characters of output")


def main():
    """All of it."""
    results = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    results.mkdir(parents=True, exist_ok=True)
    with Azurite(results) as azurite, \
            Simulator(results, seed=11, tweets=3000, hashtag="azure") as simulator:
        rust_tests(azurite, results)
        service = BlobServiceClient.from_connection_string(azurite.connection_string)
        made = [c.name for c in service.list_containers(name_starts_with="test-")]
        claim(len(made) >= 10, f"they were there: {len(made)} containers")
        machine = Machine(results, simulator)
        credentials = {"AZURE_STORAGE_CONNECTION_STRING": azurite.connection_string}
        store, summary = end_to_end(machine, service, credentials)
        original_layout(machine, service, credentials)
        two_receivers(machine, service, credentials)
        every_credential(machine, azurite, store, summary)
        refusals(machine, azurite, store)
        no_secret_was_said(machine)


if __name__ == "__main__":
    testify(main)
