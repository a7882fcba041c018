"""What surrounds a process is not mistnet's, and does no harm: proxies, certificates, limits, variables.

Whole programs, each with surroundings of its own:

* **proxies**: a company's variables name a proxy that counts what it is asked for. Nothing on this
  machine may go through it, whatever is elsewhere must, errors name it without its password, and its
  407 is told as its own.
* **certificates**: an authority made for the occasion signs for X, Azure, a webhook and Service Bus;
  `SSL_CERT_FILE` makes all of them believe it.
* **limits**: under a limit on the size of files nothing dies and nothing that was paid for is lost.
* **variables**: what is no UTF-8 is refused, and a secret in the wrong place becomes no folder.

Loopback only. Everything stays in target/witness/surroundings.
"""

import http.server
import json
import os
import resource
import select
import socket
import socketserver
import ssl
import subprocess
import threading

import trustme
from rig import BINARY, Process, Refuted, Simulator, check_manifest, claim, empty_folder, fetch
from rig import free_port, testify, until

HASHTAG, PASSWORD = "rustlang", "PASSWORD-CANARY"
ACCOUNT_KEY = "Zm9vYmFyMTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6"
X, BLOBS = "api.x.example", "acct.blob.example"
UNLIMITED = resource.RLIM_INFINITY


class Server(socketserver.ThreadingTCPServer):
    """A server on this machine, in a thread of its own."""
    allow_reuse_address = daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.asked = []
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A peer that hangs up is none of ours to report."""


def pump(one, other):
    """Carries bytes both ways until one end closes."""
    while True:
        for ready in select.select([one, other], [], [], 60)[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)


class Proxy(Server):
    """Counts what it is asked for, and does what `answer` says: refuse, or carry to a port here."""

    def __init__(self, answer="HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", ports=None):
        self.answer, self.ports = answer, ports or {}
        super().__init__(ProxyHandler)

    def variables(self, user=""):
        """As a company sets them, and no NO_PROXY."""
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        return dict.fromkeys(names, f"http://{user}127.0.0.1:{self.port}")


class ProxyHandler(socketserver.StreamRequestHandler):
    """One connection to the proxy."""

    def handle(self):
        line = self.rfile.readline().decode()
        while self.rfile.readline().strip():
            pass
        target = line.split()[1]
        self.server.asked.append(target)
        port = self.server.ports.get(target)
        if port is None:
            self.wfile.write(self.server.answer.encode())
            return
        with socket.create_connection(("127.0.0.1", port)) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pump(self.connection, there)


class Answering(http.server.BaseHTTPRequestHandler):
    """Remembers what it is asked for, and answers everything with 403, but a webhook's call."""
    protocol_version = "HTTP/1.1"

    def do_any(self):
        """Any method."""
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append(self.path)
        body = b"<Error><Code>AuthenticationFailed</Code><Message>No.</Message></Error>"
        self.send_response(204 if self.path.startswith("/hook") else 403)
        body = b"" if self.path.startswith("/hook") else body
        if body:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_HEAD = do_any

    def log_message(self, *_):
        """Nothing."""


class Carrying(socketserver.BaseRequestHandler):
    """Carries to another port."""

    def handle(self):
        with socket.create_connection(("127.0.0.1", self.server.to)) as there:
            try:
                pump(self.request, there)
            except OSError:
                pass


def in_tls(server, context):
    """The same server behind TLS."""
    plain = server.get_request

    def get_request():
        connection, address = plain()
        return context.wrap_socket(connection, server_side=True), address
    server.get_request = get_request
    return server


def run(folder, arguments, environment=(), **options):
    """Runs a command to its end: exit code, and everything that it said."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith("MISTNET_") and "proxy" not in key.lower()}
    done = subprocess.run([BINARY, *map(str, arguments)], cwd=folder, capture_output=True,
                          timeout=180, check=False, stdin=subprocess.DEVNULL,
                          env={**kept, "NO_COLOR": "1", **dict(environment)}, **options)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def of_x(url, **more):
    """Variables for a simulator."""
    return {"MISTNET_X_API_URL": url, "MISTNET_X_PACING": "off", "X_BEARER_TOKEN": "any", **more}


def collect(store, limit=300):
    """The words of a command that collects the newest posts."""
    return ["collect", HASHTAG, "--since", "2006-03-21", "--limit", limit, "--max-cost", 50, "--yes",
            "--store", store]


def dataset(folder):
    """The one dataset below a folder, after its files were checked."""
    manifests = list(folder.glob("*/manifest.json"))
    claim(len(manifests) == 1, "there is one complete dataset")
    return check_manifest(manifests[0].parent)


def in_doctor(findings, name):
    """What `doctor` says of a matter."""
    return " ".join(f"{one['detail']} {one.get('hint')}" for one in findings if one["name"] == name)


def doctor(folder, environment):
    """The findings of `doctor --online`, and everything that it said."""
    _, said = run(folder, ["doctor", "--online", "--json"], environment)
    last = [line for line in said.splitlines() if line.startswith("{")][-1]
    return said, json.loads(last)


def this_machine(folder, simulator):
    """Nothing on this machine goes through a proxy."""
    proxy, azure = Proxy(), Server(Answering)
    code, said = run(folder, ["demo", "--tweets", 50, "--out", "demo"], proxy.variables())
    claim(code == 0, f"the demo works where a proxy is set {said if code else ''}")
    for at, host in enumerate(("127.0.0.1", "localhost")):
        url = simulator.url.replace("127.0.0.1", host)
        code, said = run(folder, collect(f"direct{at}"), {**of_x(url), **proxy.variables()})
        claim(code == 0, f"a simulator at {host} is collected from {said if code else ''}")
    here = f"http://127.0.0.1:{azure.port}"
    common = {"MISTNET_STORE": "az://data", **proxy.variables()}
    run(folder, ["list"], {**common, "AZURE_STORAGE_CONNECTION_STRING":
        f"AccountName=dev;AccountKey={ACCOUNT_KEY};BlobEndpoint={here}/dev"})
    claim(any(path.startswith("/dev/data") for path in azure.asked), "blobs here are asked for here")
    run(folder, ["list"], {
        **common, "AZURE_STORAGE_ACCOUNT": "dev", "AZURE_STORAGE_BLOB_ENDPOINT": here,
        "AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s",
        "AZURE_AUTHORITY_HOST": here})
    claim(any(path.startswith("/tenant/oauth2") for path in azure.asked), "and so are tokens")
    claim(not proxy.asked, f"the proxy was asked for nothing {proxy.asked or ''}")


def refusals(folder):
    """A proxy that refuses is named, and its password is not."""
    wants = Proxy("HTTP/1.1 407 Proxy Authentication Required\r\n"
                  "Proxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n")
    broken = Proxy()
    user = f"user:{PASSWORD}@"
    gone = dict.fromkeys(broken.variables(), f"http://{user}127.0.0.1:{free_port()}")
    for url, proxy, variables, words in (
            (f"https://{X}", wants, wants.variables(user), ("407", "HTTPS_PROXY")),
            (f"http://{X}", wants, wants.variables(user), ("407", "HTTP_PROXY")),
            (f"https://{X}", broken, broken.variables(user), ("through the proxy",)),
            (f"https://{X}", None, gone, ("through the proxy",))):
        said, _ = run_doctor_on_x(folder, url, variables)
        address = next(iter(variables.values())).rpartition("@")[2]
        right = all(word in said for word in (address, *words)) and PASSWORD not in said
        claim(right and (proxy is None or proxy.asked),
              f"{url}: the proxy {address} is named, {', '.join(words)} {'' if right else said}")
    said = run(folder, ["list"], {
        "MISTNET_STORE": "az://data", **wants.variables(user),
        "AZURE_STORAGE_CONNECTION_STRING":
            f"AccountName=dev;AccountKey={ACCOUNT_KEY};BlobEndpoint=https://{BLOBS}"})[1]
    claim("407" in said and f"127.0.0.1:{wants.port}" in said and PASSWORD not in said,
          f"a store behind it says the same {said if '407' not in said else ''}")


def run_doctor_on_x(folder, url, variables):
    """What `doctor --online` says of X at an address."""
    code, said = run(folder, ["doctor", "--online"],
                     {"MISTNET_X_API_URL": url, "X_BEARER_TOKEN": "any", **variables})
    return said, code


def own_authority(folder, simulator):
    """Every connection believes the authorities that SSL_CERT_FILE names; proxies carry what they
    should."""
    authority = trustme.CA()
    root, chain, key = folder / "root.pem", folder / "chain.pem", folder / "key.pem"
    authority.cert_pem.write_to_path(str(root))
    certificate = authority.issue_cert(X, BLOBS, "localhost")
    certificate.private_key_pem.write_to_path(str(key))
    for part in certificate.cert_chain_pems:
        part.write_to_path(str(chain), append=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(chain), str(key))
    x, azure, hook = Server(Carrying), Server(Answering), Server(Answering)
    x.to = int(simulator.url.rpartition(":")[2])
    for server in (x, azure, hook):
        in_tls(server, context)
    proxy = Proxy(ports={f"{X}:443": x.port, f"{BLOBS}:443": azure.port})
    trusted = {"SSL_CERT_FILE": str(root), **proxy.variables()}

    said, _ = run_doctor_on_x(folder, f"https://{X}", proxy.variables())
    claim("certificate" in said, f"an unknown authority is not believed {said if 'certificate' not in said else ''}")
    told = {"MISTNET_WEBHOOK_URL": f"https://localhost:{hook.port}/hook",
            "MISTNET_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "MISTNET_WEBHOOK_PRIVATE": "true"}
    simulator.forget()
    code, said = run(folder, collect("proxied"), {**of_x(f"https://{X}"), **trusted, **told})
    claim(code == 0 and f"{X}:443" in proxy.asked,
          f"X is collected from through the proxy, by one's own authority {said if code else ''}")
    claim(dataset(folder / "proxied")["rows"] == 300, "and every row is there")
    claim(hook.asked and not any(str(hook.port) in one for one in proxy.asked),
          "a webhook is called by the same authority, and through no proxy")
    said = run(folder, ["list"], {
        "MISTNET_STORE": "az://data", **trusted, "AZURE_STORAGE_CONNECTION_STRING":
        f"AccountName=acct;AccountKey={ACCOUNT_KEY};BlobEndpoint=https://{BLOBS}"})[1]
    claim("AuthenticationFailed" in said and f"{BLOBS}:443" in proxy.asked,
          f"so is Blob Storage {'' if 'AuthenticationFailed' in said else said}")
    with Process("bus", ["simulate", "service-bus", "--listen", "127.0.0.1:0", "--tls-cert",
                         str(chain), "--tls-key", str(key)], folder) as bus:
        port = bus.address().rpartition(":")[2]
        string = f"Endpoint=sb://localhost:{port};SharedAccessKeyName=any;SharedAccessKey=any"
        said = run(folder, ["doctor", "--online"], {
            "MISTNET_QUEUE": "servicebus:", "AZURE_SERVICEBUS_CONNECTION_STRING": string,
            **trusted})[1]
    claim("ready or in hand" in said and not any(port in one for one in proxy.asked),
          f"and so is Service Bus, directly {'' if 'ready or in hand' in said else said}")


def limited(size):
    """Gives a process a limit on the size of files that can be raised again."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, UNLIMITED))


class Limited(Process):
    """A process that starts under a limit on the size of files."""

    def __init__(self, name, arguments, folder, environment, size):
        self.size = size
        super().__init__(name, [str(word) for word in arguments], folder, environment)

    def start(self):
        """Starts it under the limit. What it says goes through a pipe, which has none."""
        self.begin = 0
        self.log.write_bytes(b"")
        self.child = subprocess.Popen(
            self.arguments, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=limited(self.size))
        threading.Thread(target=self.keep, daemon=True).start()

    def keep(self):
        """Writes down what it says."""
        with self.log.open("wb") as log:
            for line in self.child.stdout:
                log.write(line)
                log.flush()

    def free(self):
        """Takes the limit off."""
        resource.prlimit(self.child.pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))


def file_sizes(folder, simulator):
    """A limit on the size of files is a full disk: nothing dies, nothing is lost, all goes on."""
    code, said = run(folder, collect("none"), of_x(simulator.url), preexec_fn=limited(0))
    claim(code == 74 and "limit on the size of files" in said,
          f"what can't begin ends with 74 and says why {said if code != 74 else ''}")
    simulator.forget()
    with Limited("page", collect("page"), folder, of_x(simulator.url), 4096) as process:
        until(lambda: "limit on the size of files" in process.said(), 30, "the limit is told")
        process.must_run()
        process.free()
        claim(process.child.wait(60) == 0, "a page waits for room, and the collection is completed")
    ledger = simulator.ledger()
    claim(dataset(folder / "page")["rows"] == 300, "with every row")
    asked = [entry["query"] for entry in ledger["requests"] if "/search/" in entry["path"]]
    claim(asked and len(asked) == len(set(asked)), "and no page was asked for twice")
    log = next((folder / "page").glob("2*"))
    code, said = run(folder, ["convert", log, "out.csv"], preexec_fn=limited(8192))
    claim(code == 74 and "limit on the size of files" in said and not (folder / "out.csv").exists(),
          f"convert ends with 74 and leaves no file {said if code != 74 else ''}")
    code, said = run(folder, ["convert", log, "out.csv"])
    claim(code == 0, "and works without the limit")
    queue(folder, simulator)


def queue(folder, simulator):
    """The queue's file under the limit."""
    code, said = run(folder, ["up", "--listen", "127.0.0.1:0"], of_x(simulator.url),
                     preexec_fn=limited(2048))
    claim(code == 75 and "limit on the size of files" in said,
          f"a queue that can't be made says why {said if code != 75 else ''}")
    simulator.forget()
    environment = of_x(simulator.url, MISTNET_STORE="./shared", MISTNET_SWEEP_INTERVAL_SECONDS="1")
    with Limited("up", ["up", "--listen", "127.0.0.1:0"], folder, environment, 60_000) as process:
        address = process.address()
        body = {"hashtag": HASHTAG, "num_results": 300, "start_date": "2006-03-21"}
        for number in range(20):
            if "disk I/O error" in process.said():
                break
            fetch(f"{address}/search/", body, headers=[("idempotency-key", f"k{number}")])
        until(lambda: "disk I/O error" in process.said(), 60, "the limit is told")
        process.must_run()
        process.free()
        made = [one.parent.parent for one in (folder / "shared").glob("*/_log/created.json")]
        claim(made, f"{len(made)} collections were accepted under the limit")
        # A collection that the queue did not take is found by the sweep after two minutes.
        until(lambda: all((one / "manifest.json").is_file() for one in made), 240,
              "all of them are completed without it")
        rows = [check_manifest(one)["rows"] for one in made]
        claim(rows == [300] * len(made), "all of them are complete without it, with every row")


def variables(folder):
    """What is no text is refused, and no secret becomes a folder."""
    bare = folder / "bare"
    bare.mkdir()
    for name, value in ((b"MISTNET_STORE", b"./caf\xe9"), (b"X_BEARER_TOKEN", b"\xff\xfe"),
                        (b"AZURE_TENANT_ID", b"\xff"), (b"MISTNET_LOG", b"\xff"),
                        (b"MISTNET_API_KEY_FILE", b"\xff"), (b"MISTNET_\xff", b"x")):
        done = subprocess.run([BINARY, "list"], cwd=bare, capture_output=True, check=False,
                              env={**os.environb, name: value})
        shown = name.decode(errors="replace")
        claim(done.returncode == 78 and shown in done.stderr.decode(),
              f"{shown} that is no UTF-8 ends with 78")
    key = "Sup3rS3cretKey0123456789abcdefghijklmnop="
    secrets = (f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={key}",
               f"./data/accountkey={key}", f"az://c?sv=1&sig={key}",
               f"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey={key}")
    for secret in secrets:
        for arguments, environment in (
                (["list", "--store", secret], {}), (["list", "--queue", secret], {}),
                (["demo", "--tweets", "5", "--out", secret], {}), (["up"], {"MISTNET_STORE": secret}),
                (["doctor"], {"MISTNET_STORE": secret}), (["list"], {"MISTNET_QUEUE": secret}),
                (["list"], {"MISTNET_NOTIFY_QUEUE": secret}), (["doctor"], {"MISTNET_LISTEN": secret}),
                (["doctor"], {"X_BEARER_TOKEN": secret})):
            code, said = run(bare, arguments, environment)
            if key[:-1] in said or code == 0 or any(bare.iterdir()):
                raise Refuted(f"{arguments} {environment} is refused, not shown, and no folder: {said}")
    print("  holds: secrets in the wrong place are refused, not shown, and become no folder")


def main():
    """All surroundings."""
    folder = empty_folder("surroundings")
    with Simulator(folder, seed=5, tweets=2_000, hashtag=HASHTAG) as simulator:
        this_machine(folder, simulator)
        refusals(folder)
        own_authority(folder, simulator)
        file_sizes(folder, simulator)
    variables(folder)


if __name__ == "__main__":
    testify(main)
