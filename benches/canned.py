"""X, if it answered at once: pages from a file, compressed beforehand for those who want that.

`mistnet simulate x` computes every tweet when it is asked for, so a part of the time is its own. This
knows one path, `/2/tweets/search/all`, and looks at nothing but `next_token` and `accept-encoding`.

Usage: canned.py PAGES; prints its address.
"""

import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def packed(path):
    """The pages by the token that asks for them, in each encoding; the first by none."""
    pages, token = {}, ""
    with open(path, "rb") as lines:
        for line in lines:
            page = line.rstrip(b"\n")
            pages[token] = {"gzip": gzip.compress(page, 6, mtime=0), "identity": page}
            token = json.loads(line)["meta"].get("next_token", "")
    return pages


class Answers(BaseHTTPRequestHandler):
    """One connection."""
    protocol_version = "HTTP/1.1"
    pages = {}

    def do_GET(self):  # noqa: N802 (the name is http.server's)
        """A page, or 404."""
        asked = urlsplit(self.path)
        token = parse_qs(asked.query).get("next_token", [""])[0]
        page = self.pages.get(token) if asked.path == "/2/tweets/search/all" else None
        encoding = "gzip" if "gzip" in self.headers.get("accept-encoding", "") else "identity"
        page = page and page[encoding]
        self.send_response(404 if page is None else 200)
        self.send_header("content-type", "application/json; charset=utf-8")
        if encoding == "gzip":
            self.send_header("content-encoding", encoding)
        self.send_header("content-length", str(len(page or b"")))
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, *_):
        """Nothing is said."""


def main():
    """Serves until it is ended."""
    Answers.pages = packed(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
