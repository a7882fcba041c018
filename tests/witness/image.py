"""Both roles run from the image's root file system, in an empty chroot, against TLS.

What the image holds is assembled by scripts/image-rootfs, as the Dockerfile does it, from a static
build. Inside there is no shell and no library. The witness adds what a container runtime adds
(/etc/resolv.conf and three devices) and one certificate authority of its own, then runs `sender`
and `receiver` as the image's user. Their peers are reached by name through a DNS server, and by TLS
only: the X simulator behind a TLS proxy, the Service Bus simulator and Azurite with certificates.

Needs root (chroot, port 53 of 127.9.9.9). Usage: image.py STATIC_BINARY,
with NODE_PACKAGES=FOLDER that has Azurite installed.
"""

import asyncio
import os
import shutil
import socket
import ssl
import stat
import struct
import subprocess
import sys
import threading
from pathlib import Path

import trustme
from azurite import ACCOUNT, KEY as AZURITE_KEY, Azurite
from rig import (ROOT, Process, Refuted, Simulator, claim, empty_folder, fetch, free_port,
                 testify, until)

HASHTAG, POSTS = "chiffchaff", 2_345
DOMAIN = "mistnet.test"
RESOLVER = "127.9.9.9"
CHROOT = shutil.which("chroot")
KEY = "only-for-this-witness-0123456789abcdef"


class Names(threading.Thread):
    """A DNS server that knows one domain: every name in it is 127.0.0.1."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((RESOLVER, 53))
        self.asked = set()

    def run(self):
        while True:
            question, caller = self.socket.recvfrom(512)
            self.socket.sendto(self.answer(question), caller)

    def answer(self, question):
        """One question, one address (IPv4), or none."""
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1:at + 1 + length].decode())
            at += 1 + length
        kind = struct.unpack(">H", question[at + 1:at + 3])[0]
        name = ".".join(labels)
        ours, wanted = name.endswith(DOMAIN), kind == 1
        if ours:
            self.asked.add(name)
        counts = struct.pack(">HHHH", 1, int(ours and wanted), 0, 0)
        header = question[:2] + struct.pack(">H", 0x8580 if ours else 0x8583) + counts
        record = struct.pack(">HHHIH4B", 0xC00C, 1, 1, 60, 4, 127, 0, 0, 1)
        return header + question[12:at + 5] + (record if ours and wanted else b"")


class TlsProxy(threading.Thread):
    """Takes TLS and passes plain bytes on to a port of this machine."""

    def __init__(self, context, port):
        super().__init__(daemon=True)
        self.context, self.target, self.port = context, port, free_port()
        self.ready = threading.Event()

    def run(self):
        asyncio.run(self.serve())

    async def serve(self):
        """Until the process ends."""
        server = await asyncio.start_server(self.connect, "127.0.0.1", self.port, ssl=self.context)
        self.ready.set()
        await server.serve_forever()

    async def connect(self, reader, writer):
        """One connection, both ways."""
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)

        async def pass_on(source, sink):
            try:
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            except (ConnectionError, ssl.SSLError):
                pass
            sink.close()
        await asyncio.gather(pass_on(reader, there_writer), pass_on(there_reader, writer))


class Inside(Process):
    """mistnet in the chroot, as the image's user and with nothing of this environment."""

    def __init__(self, name, arguments, folder, rootfs, environment):
        inner = ("env", "-i", *(f"{key}={value}" for key, value in environment.items()),
                 CHROOT, "--userspec=65532:65532", rootfs, "/mistnet")
        super().__init__(name, arguments, folder, program=inner)


def assemble(folder, binary, authority):
    """The image's root file system, with what the runtime and this witness add."""
    rootfs = folder / "rootfs"
    subprocess.run([ROOT / "scripts" / "image-rootfs", binary, rootfs], check=True)
    entries = sorted(str(path.relative_to(rootfs)) for path in rootfs.rglob("*") if path.is_file())
    claim(entries == ["etc/group", "etc/nsswitch.conf", "etc/passwd",
                      "etc/ssl/certs/ca-certificates.crt", "mistnet"],
          "the image holds the program, certificates and three small files")
    (rootfs / "dev").mkdir()
    for name, minor in (("null", 3), ("random", 8), ("urandom", 9)):
        os.mknod(rootfs / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
        (rootfs / "dev" / name).chmod(0o666)
    (rootfs / "etc/resolv.conf").write_text(f"nameserver {RESOLVER}\n", "ascii")
    with (rootfs / "etc/ssl/certs/ca-certificates.crt").open("ab") as certificates:
        certificates.write(authority.cert_pem.bytes())
    return rootfs


def tree(rootfs):
    """Every file and folder with its change time, without the one folder for data."""
    return {str(path): path.stat().st_mtime_ns for path in rootfs.rglob("*")}


def main():
    """The whole pipeline."""
    if os.geteuid() != 0:
        raise Refuted("this witness runs as root, because of chroot")
    binary = Path(sys.argv[1]).resolve()
    folder = empty_folder("image")
    authority = trustme.CA()
    certificate = authority.issue_cert(f"*.{DOMAIN}")
    chain, key = folder / "chain.pem", folder / "key.pem"
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(str(chain), append=True)
    certificate.private_key_pem.write_to_path(str(key))
    rootfs = assemble(folder, binary, authority)
    names = Names()
    names.start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with Simulator(folder, seed=11, tweets=POSTS, hashtag=HASHTAG) as simulator, \
            Process("service-bus", ["simulate", "service-bus", "--listen", "127.0.0.1:0",
                                    "--tls-cert", str(chain), "--tls-key", str(key)],
                    folder) as bus, \
            Azurite(folder, "--cert", chain, "--key", key) as azurite:
        proxy = TlsProxy(context, int(simulator.url.rsplit(":", 1)[1]))
        proxy.start()
        proxy.ready.wait(30)
        bus_port = bus.address().rsplit(":", 1)[1]
        peers = {
            "MISTNET_QUEUE": "servicebus:",
            "AZURE_SERVICEBUS_CONNECTION_STRING":
                f"Endpoint=sb://bus.{DOMAIN}:{bus_port};SharedAccessKeyName=k;SharedAccessKey=cw==",
            "MISTNET_STORE": "az://mistnet",
            "AZURE_STORAGE_CONNECTION_STRING":
                f"AccountName={ACCOUNT};AccountKey={AZURITE_KEY};"
                f"BlobEndpoint=https://blob.{DOMAIN}:{azurite.port}/{ACCOUNT}",
            "MISTNET_X_API_URL": f"https://x.{DOMAIN}:{proxy.port}",
            "X_BEARER_TOKEN": "simulated", "MISTNET_X_PACING": "off", "MISTNET_API_KEY": KEY}
        before = tree(rootfs)
        with Inside("sender", ["sender", "--listen", "127.0.0.1:0"], folder, rootfs, peers) as sender, \
                Inside("receiver", ["receiver"], folder, rootfs, peers) as receiver:
            collect(sender, receiver, rootfs)
        claim(tree(rootfs) == before, "nothing was written into the root file system")
    claim(names.asked == {f"{host}.{DOMAIN}" for host in ("x", "bus", "blob")},
          "all peers were found through DNS")


def collect(sender, receiver, rootfs):
    """One collection by the two roles inside."""
    address = sender.address()
    port = address.rsplit(":", 1)[1]
    health = subprocess.run(
        [CHROOT, "--userspec=65532:65532", str(rootfs), "/mistnet", "health", "--listen",
         f"127.0.0.1:{port}"], env={}, check=False, capture_output=True)
    claim(health.returncode == 0, "the image's health check passes")
    headers = {"X-API-Key": KEY}
    answer = fetch(f"{address}/search/", {"hashtag": f"#{HASHTAG}", "num_results": POSTS + 1,
                                          "start_date": "2006-03-21"}, headers=headers)
    identifier = answer["request_id"]

    def complete():
        sender.must_run()
        receiver.must_run()
        shown = fetch(f"{address}/api/v1/collections/{identifier}", headers=headers)
        return shown if shown["state"] == "complete" else None
    shown = until(complete, 120, "the collection is complete")
    claim(shown["rows"] == POSTS, f"all {POSTS} posts are rows")


if __name__ == "__main__":
    testify(main)
