"""Reads the files of the target `csv` with Python's csv module: every text must be as it was.

    FUZZ_CSV=written.jsonl csv -runs=0 corpus/csv    writes a file for each input
    python3 fuzz/read_back.py written.jsonl          reads them, all in one process

`scripts/fuzz` does both. Needs Python 3.11, whose csv module reads NUL.
"""

import csv
import io
import json
import sys


def differences(texts, file):
    """What of the texts is not in the file, as its columns have it."""
    rows = list(csv.DictReader(io.StringIO(file, newline=""), strict=True))
    if len(rows) != 1:
        return [f"{len(rows)} rows"]
    text, tag, name = texts
    row = rows[0]
    expected = {"tweet": text, "user_name": name, "hashtags": [tag]}
    found = {**row, "hashtags": json.loads(row["hashtags"])}
    wrong = [f"{column}: {found[column]!r}, not {value!r}"
             for column, value in expected.items() if found[column] != value]
    return wrong + ["a row has another length"] * (None in row or None in row.values())


def main(path):
    """Reads all of them; 1 if one is not as it was."""
    csv.field_size_limit(sys.maxsize)
    files = bad = 0
    with open(path, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            files += 1
            written = json.loads(line)
            for difference in differences(**written):
                bad += 1
                print(f"file {files}: {difference}", file=sys.stderr)
    print(f"Python read back {files} files, {bad} differences")
    return int(bad > 0 or files == 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
