"""Makes the seeds in `corpus/`: one small file for each kind of thing that a target reads.

Everything is invented: the page with every field is the one of the tests, tweets and records are
those of `mistnet demo`, and the rest stands below. What fuzzing has found is added by hand and
stays: this script only writes its own names. Needs `zstandard`, which `scripts/test setup` installs:

    target/tools/python/bin/python fuzz/seeds.py
"""

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import zstandard

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "witness"))

from rig import BINARY  # noqa: E402 (the path has to be set first)

# What the `post.fields` dialect calls otherwise (docs.x.com, OpenAPI 2.167, read 2026-08-22).
AS_POSTS = [
    ("note_tweet", "note_post"), ("referenced_tweets", "referenced_posts"),
    ("edit_history_tweet_ids", "edit_history_post_ids"), ("tweets", "posts"),
    ("retweet_count", "repost_count"), ("tweet_count", "post_count"),
    ("pinned_tweet_id", "pinned_post_id"), ("most_recent_tweet_id", "most_recent_post_id"),
]

JSON = [
    '{"a":[1,-0.5e+10,true,false,null],"\\u00e9":"\\ud83d\\ude00","b":{}}',
    ' [ "\\"\\\\\\/\\b\\f\\n\\r\\t" , [ [ ] ] , 123456789012345678901234567890 ]\n',
    '"half a pair: \\ud83d"',
    "[" * 127 + "]" * 127,
]
MESSAGES = [
    '{"version":1,"kind":"collect","collection":"20261122-rustlang-k3v9x2m7qa"}',
    '{"version":1,"kind":"part","collection":"20261122-rustlang-k3v9x2m7qa","part":3,'
    '"first_page":5,"last_page":7,"rows":1000}',
    '{"version":1,"kind":"end","collection":"20261122-k3v9x2m7qa"}',
]
HASHTAGS = ["#rustlang", "＃データ", " tag_1 ", "#16", "l·l", "#cafe\u0301", "#\ufe0f\u20e3"]
QUERIES = [
    "#rustlang lang:en -is:retweet",
    '(cats OR "dogs and more") from:someone has:media',
    "#one OR #two -(three four)",
    'place:"new york" point_radius:[2.35 48.85 25km] is:verified birds',
]
CELLS = ['a,b\xff"quoted"\xffname', "two\nlines\r\xff\xff'=1+1", "é😀\xffтег\xff"]
CONTROL = '{"version":1,"action":{"kind":"pause"},"at":"2026-11-22T12:00:00Z","turns":1}'
RECORDS = ["created", "turn-000000", "turn-000000-end", "sealed", "receipt-000000"]


def compact(value):
    """JSON without white space."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_posts(page):
    """The page in the other dialect."""
    for tweet, post in AS_POSTS:
        page = page.replace(f'"{tweet}":', f'"{post}":')
    return page


def put(target, name, content):
    """Writes one seed."""
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def demo(folder):
    """The log of a tiny collection."""
    subprocess.run([
        BINARY, "demo", "--tweets", "3", "--hashtag", "birds", "--seed", "7", "--referenced",
        "--out", folder], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return next(Path(folder).glob("*/_log"))


def pages(log):
    """The page with every field, and one that the simulator made."""
    sample = json.loads((HERE.parent / "src/format/sample.json").read_text(encoding="utf-8"))
    stored = zstandard.ZstdDecompressor().decompressobj().decompress(
        (log / "page-000000.json.zst").read_bytes())
    header, body = stored.split(b"\n", 1)
    return compact(sample), header, body


def seeds(log):
    """Every seed, as target, name, content."""
    sample, header, body = pages(log)
    lone = '{"data":[{"id":"1","text":"\\ud83d"},null,7,"x",[],{}],"includes":{"users":{}}}'
    for target in ("page", "parquet"):
        yield target, "every-field", sample
        yield target, "strange", lone
    yield "page", "every-field-post", as_posts(sample)
    yield "page", "simulated", body
    yield "record", "page", header + b'\n{"meta":{"result_count":0}}'
    yield "record", "control", CONTROL
    for name in RECORDS:
        yield "record", name, (log / f"{name}.json").read_bytes()
    yield from texts()
    yield from archives(sample, lone)


def archives(sample, lone):
    """Files to convert, behind the byte that says how (`src/conversion.rs`)."""
    flat = compact({**json.loads(sample)["data"][0], "author": {"id": "71", "username": "warden"}})
    two = compact({"data": [{"id": "2", "text": "b"}, {"id": "1", "text": "a,\"\n"}]})
    lines = f"{two}\n{lone}\n{two}\n".encode()
    users = compact({"data": [{"id": "5", "username": "a"}]}).encode()
    skip, keep, threads = 1, 2, 4
    full, original, twarc, jsonl, gz, zst, parquet, parquet_original, parquet_twarc = range(0, 72, 8)
    for how, name, content in [
            (full, "pages", lines), (full | skip | threads, "cut-off", lines[:-9]),
            (original | skip | keep, "list", b"[" + two.encode() + b"]"),
            (jsonl, "flat", flat.encode()), (parquet, "flat-parquet", flat.encode()),
            (zst | skip, "pretty", json.dumps(json.loads(two), indent=1).encode()),
            (gz | threads, "gzip", gzip.compress(lines, mtime=0)),
            (zst, "zstd", zstandard.compress(lines)), (skip, "utf-16", two.encode("utf-16")),
            (twarc | skip, "accounts", users + b"\n" + lines),
            (parquet_original | keep, "pages-parquet", lines),
            (parquet_twarc | threads, "twarc-parquet", lines)]:
        yield "convert", name, bytes([how]) + content


def texts():
    """What is read as one text, or as three."""
    for target, lines in [
            ("json", JSON), ("message", MESSAGES), ("hashtag", HASHTAGS), ("query", QUERIES)]:
        for number, text in enumerate(lines):
            yield target, f"{number}", text
    for number, text in enumerate(CELLS):
        # One byte FF between texts, which no UTF-8 has.
        yield "csv", f"{number}", b"\xff".join(part.encode() for part in text.split("\xff"))


def main():
    """Writes all of them."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds(demo(folder)):
            put(*seed)


if __name__ == "__main__":
    main()
