"""Programs that people really use read a dataset: Python's csv, pandas, DuckDB, polars, twarc,
Frictionless.

Usage: dataset.py FOLDER ROWS

The folder comes from `mistnet demo --tweets ROWS --referenced --format … --json`, with all formats.
Each reader must find the same rows and the same ids, digit by digit, under the documented columns;
what the formats beside CSV hold is compared with it by formats.py.
"""

import csv
import importlib.resources
import json
import re
import sys
from pathlib import Path

import duckdb
import frictionless
import jsonschema
import pandas

from formats import testify_formats
from rig import ROOT, check_manifest, claim, testify


def documented_columns():
    """The columns of docs/output.md, in order."""
    text = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `([^`]+)` \|", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    return [name for _, name in rows]


def by_csv(path):
    """Header and ids as Python's csv reads them; every row must have as many cells."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file, strict=True)
    claim({len(row) for row in rows} <= {len(header)}, f"csv: {len(header)} cells in every row")
    return header, [row[header.index("id")] for row in rows]


def by_pandas(path):
    """The same by pandas, everything as text."""
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    return list(frame.columns), list(frame["id"])


def by_duckdb(path):
    """The same by DuckDB, everything as text."""
    table = duckdb.read_csv(str(path), all_varchar=True, header=True)
    return table.columns, [row[0] for row in table.project("id").fetchall()]


def agree(dataset, manifest):
    """All readers find the same; returns the ids."""
    path = dataset / "tweets.csv"
    header, ids = by_csv(path)
    claim(header == documented_columns(), f"csv: the {len(header)} columns of docs/output.md")
    claim(len(ids) == manifest["rows"], f"csv: {len(ids)} rows, as the manifest says")
    claim(by_pandas(path) == (header, ids), "pandas: the same columns and ids")
    claim(by_duckdb(path) == (header, ids), "duckdb: the same columns and ids")
    files = [file["path"] for file in manifest["files"] if file["format"] == "csv"]
    parts = [path for path in files if path.startswith("parts/")]
    in_parts = [row for part in parts for row in by_csv(dataset / part)[1]]
    claim(in_parts == ids, f"the {len(parts)} parts, one after the other, are the whole")
    return ids


def schema_named(address):
    """The schema of the Data Package standard with this address, from a package that ships it."""
    version = re.fullmatch(r"https://datapackage\.org/profiles/(\d\.\d)/datapackage\.json", address)
    claim(version, "datapackage: it names a version of the standard's schema")
    shipped = importlib.resources.files("dplib") / "profiles" / version[1] / "datapackage.json"
    schema = json.loads(shipped.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


def frictionless_agrees(dataset, rows):
    """datapackage.json describes the files: types, checksums, row counts."""
    package = json.loads((dataset / "datapackage.json").read_text(encoding="utf-8"))
    claim(package["resources"][0]["path"] == "tweets.csv", "datapackage: tweets.csv comes first")
    schema = schema_named(package["$schema"])
    wrong = [f"{list(e.path)}: {e.message[:80]}" for e in schema.iter_errors(package)]
    claim(not wrong, f"datapackage: valid by the schema that it names, {package['$schema']} {wrong[:3]}")
    report = frictionless.Package(str(dataset / "datapackage.json")).validate()
    problems = report.flatten(["type", "note"])[:5]
    claim(report.valid, f"frictionless: {len(package['resources'])} files are valid {problems}")
    claim(report.tasks[0].stats["rows"] == rows, f"frictionless: {rows} rows")


def main():
    """All of it."""
    dataset, rows = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    manifest = check_manifest(dataset)
    claim(True, f"manifest: {len(manifest['files'])} files with their sizes and checksums")
    claim(manifest["rows"] == rows, f"manifest: {rows} rows, as asked for")
    ids = agree(dataset, manifest)
    claim(all(re.fullmatch(r"[1-9]\d{0,18}", post) for post in ids), "every id is a decimal number")
    claim(len(set(ids)) == rows, f"{rows} different ids")
    claim(ids == sorted(ids, key=int, reverse=True), "newest first")
    claim(manifest["highest_id"] == ids[0] and manifest["lowest_id"] == ids[-1],
          "manifest: the highest and the lowest id")
    testify_formats(dataset, manifest, ids)
    frictionless_agrees(dataset, rows)


if __name__ == "__main__":
    testify(main)
