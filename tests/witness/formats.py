"""The other formats of a dataset, held against its CSV and its pages.

dataset.py calls this. JSON Lines are compared object by object with what twarc's own flatten()
makes of the raw pages in the log, and are read by DuckDB, pandas, polars and Python; Parquet is
compared cell by cell with the CSV, as pyarrow, DuckDB, pandas and polars read it.
"""

import csv
import gzip
import json
from datetime import datetime, timedelta, timezone

import duckdb
import pandas
import polars
import pyarrow.parquet
import zstandard
from twarc.expansions import flatten

from rig import claim

JSON_LINES = ["tweets.jsonl", "tweets.jsonl.gz", "tweets.jsonl.zst"]


def pages(dataset):
    """Header and answer of every page in the log."""
    for path in sorted((dataset / "_log").glob("page-*.json.zst")):
        with zstandard.open(path, "rt", encoding="utf-8") as file:
            header, body = file.read().split("\n", 1)
        yield json.loads(header), json.loads(body)


def flattened(dataset):
    """The rows as twarc makes them. It flattens what is included in the order in which it came,
    and then puts into each what is flattened already: older posts first makes that complete."""
    for header, page in pages(dataset):
        tweets = page.get("includes", {}).get("tweets")
        if tweets:
            tweets.sort(key=lambda tweet: int(tweet["id"]))
        if not header["counted"]:
            continue
        rows = flatten(page)
        for span in header["counted"]:
            yield from rows[span["from"]:span["to"]]


def read_lines(path):
    """The objects of a file of JSON Lines, by Python."""
    opener = {".gz": gzip.open, ".zst": zstandard.open}.get(path.suffix, open)
    with opener(path, "rt", encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def depth(tweet):
    """How many posts lie in one another."""
    return 1 + max(map(depth, tweet.get("referenced_tweets", ())), default=0)


def json_lines_agree(dataset, ids):
    """Every line is what twarc makes; all readers find all lines."""
    lines = read_lines(dataset / "tweets.jsonl")
    expected = list(flattened(dataset))
    wrong = [at for at, pair in enumerate(zip(lines, expected)) if pair[0] != pair[1]]
    claim(not wrong and len(lines) == len(expected),
          f"jsonl: {len(lines)} objects equal to twarc's flatten() {wrong[:3]}")
    claim([line["id"] for line in lines] == ids, "jsonl: the ids of the CSV, in its order")
    deepest = max(map(depth, lines))
    claim(deepest > 1, f"jsonl: posts within posts, up to {deepest} in one another")
    for name in JSON_LINES:
        path = dataset / name
        claim(read_lines(path) == lines, f"{name}: the same objects by Python")
        found = duckdb.sql(f"select id from read_json('{path}', columns={{id: 'VARCHAR'}})")
        claim([row[0] for row in found.fetchall()] == ids, f"{name}: the same ids by DuckDB")
        frame = pandas.read_json(path, lines=True, dtype=False, convert_dates=False)
        claim([str(post) for post in frame["id"]] == ids, f"{name}: the same ids by pandas")
        frame = polars.read_ndjson(path, schema={"id": polars.String})
        claim(list(frame["id"]) == ids, f"{name}: the same ids by polars")


def parts_agree(dataset, manifest, suffix, read, ids):
    """The parts of a format, one after the other, have the same ids."""
    paths = [file["path"] for file in manifest["files"] if file["format"] == suffix]
    found = [post for path in paths if path.startswith("parts/") for post in read(dataset / path)]
    claim(found == ids, f"{suffix}: the parts have the ids of the whole")


def as_text(value):
    """A value of Parquet as the CSV has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def cells(path):
    """The rows of the CSV."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def first_difference(rows, table, columns):
    """The first cell that is not the CSV's."""
    for at, row in enumerate(rows):
        for name in columns:
            if as_text(table[name][at]) != row[name]:
                return f"row {at}, {name}: {as_text(table[name][at])!r} is not {row[name]!r}"
    return None


def by_pyarrow(path):
    """Columns as Python values, by pyarrow, upon which pandas reads."""
    return pyarrow.parquet.read_table(path).to_pydict()


def by_duckdb(path):
    """The same by DuckDB."""
    duckdb.sql("set timezone = 'UTC'")
    return duckdb.sql(f"from '{path}'").to_arrow_table().to_pydict()


def by_polars(path):
    """The same by polars."""
    return polars.read_parquet(path).to_dict(as_series=False)


def parquet_agrees(dataset):
    """Every cell of the CSV, and ids as numbers beside."""
    path = dataset / "tweets.parquet"
    rows = cells(dataset / "tweets.csv")
    columns = list(rows[0])
    for name, read in [("pyarrow", by_pyarrow), ("duckdb", by_duckdb), ("polars", by_polars)]:
        table = read(path)
        kept = [column for column in table if not column.endswith("_u64")]
        claim(kept == columns, f"parquet by {name}: the {len(columns)} columns of the CSV")
        different = first_difference(rows, table, columns)
        claim(not different, f"parquet by {name}: {len(rows) * len(columns)} equal cells {different or ''}")
        numbers = [column for column in table if column.endswith("_u64")]
        same = all(
            [as_text(number) for number in table[column]]
            == [row[column.removesuffix("_u64")] for row in rows]
            for column in numbers
        )
        claim(same, f"parquet by {name}: {len(numbers)} columns of ids as numbers, digit by digit")
    frame = pandas.read_parquet(path)
    claim(str(frame["id_u64"].dtype) == "uint64" and frame["created_at"].dt.tz is not None,
          "parquet by pandas: ids are uint64, times have a zone")
    newest = timedelta(0) <= frame["created_at"].iloc[0] - frame["created_at"].iloc[-1]
    claim(newest, "parquet by pandas: times can be compared")
    tags = duckdb.sql(f"select count(*) from '{path}' where list_contains(hashtags, 'rustlang')")
    claim(tags.fetchall()[0][0] > 0, "parquet by DuckDB: hashtags are a list")
    marked = duckdb.sql(f"select entities->>'$.hashtags[0].tag' from '{path}'").fetchall()
    claim(any(marked), "parquet by DuckDB: JSON is text that can be looked into")


def testify_formats(dataset, manifest, ids):
    """All of it."""
    json_lines_agree(dataset, ids)
    for suffix in ["jsonl", "jsonl.gz", "jsonl.zst"]:
        parts_agree(dataset, manifest, suffix, lambda path: [row["id"] for row in read_lines(path)],
                    ids)
    parquet_agrees(dataset)
    parts_agree(dataset, manifest, "parquet", lambda path: by_pyarrow(path)["id"], ids)
