"""The options of `mistnet convert` do what docs/output.md says: --newlines, --excel,
--merge-retweets, --tables.

What they write is compared with what is written without them, undone as the document tells its
readers to, and with the pages themselves, as Python's json reads them. The pages are those of
twarc_pages.py, which are hard to write, and those of the benchmarks, which are many.

Usage: options.py FOLDER
"""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb

from rig import BINARY, ROOT, claim, testify
from twarc_pages import hard_pages

sys.path.append(str(ROOT / "benches"))
from pages import write as write_pages  # noqa: E402 (it lies in another folder)

TABLES = ("users", "referenced", "media", "hashtags", "mentions", "urls")
MOST_CHARACTERS = 32_767
FORMULA = re.compile(r"\s*[=+\-@]|[\t\r\n\0]")


class Sheet:
    """A CSV file as Python reads it: names of columns, and rows by them."""

    def __init__(self, path, encoding="utf-8"):
        with path.open(newline="", encoding=encoding) as file:
            self.header, *rows = csv.reader(file, strict=True)
        self.rows = [dict(zip(self.header, row, strict=True)) for row in rows]

    def keys(self, *names):
        """Some columns of every row."""
        return [tuple(row[name] for name in names) for row in self.rows]


def kinds():
    """The types of the columns of the profile `full`, by name."""
    text = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| \d+ \| `([^`]+)` \| ([a-zA-Z ]+?)(?: in [^|]+)? \|", text, re.MULTILINE)
    return dict(found)


KINDS = kinds()


def convert(source, out, *options):
    """`mistnet convert`; the path of what it writes."""
    subprocess.run([BINARY, "convert", source, out, "--force", *options], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return out


def same(what, plain, sheet, undone):
    """Every cell, undone, is the one without options."""
    claim(sheet.header == plain.header and len(sheet.rows) == len(plain.rows),
          f"{what}: the same {len(plain.header)} columns and {len(plain.rows)} rows")
    for number, (row, expected) in enumerate(zip(sheet.rows, plain.rows), 1):
        for name, cell in row.items():
            wanted = expected[name]
            if undone(KINDS[name], cell) != wanted:
                claim(False, f"{what}: row {number}, {name}: {cell!r} is {wanted!r}")
    claim(True, f"{what}: every cell is as before when it is undone as the document says")


# --- --newlines ----------------------------------------------------------------------------------

def newlines(source, folder, plain):
    """Rows are lines."""
    breaks = sum("\n" in cell or "\r" in cell for row in plain.rows for cell in row.values())
    claim(breaks > 0, f"without options {breaks} cells have line breaks in them")
    back = {r"\n": "\n", r"\r": "\r", r"\\": "\\"}

    def unescaped(kind, cell):
        return re.sub(r"\\[nr\\]", lambda found: back[found[0]], cell) if kind == "text" else cell

    path = convert(source, folder / "escape.csv", "--newlines", "escape")
    claim(lines(path) == len(plain.rows) + 1, "--newlines escape: every row is a line")
    same("--newlines escape", plain, Sheet(path), unescaped)
    path = convert(source, folder / "space.csv", "--newlines", "space")
    claim(lines(path) == len(plain.rows) + 1, "--newlines space: every row is a line")
    spaced = Sheet(convert(source, folder / "plain.csv"))
    for row in spaced.rows:
        for name in row:
            if KINDS[name] == "text":
                row[name] = re.sub("\r\n|\r|\n", " ", row[name])
    same("--newlines space", spaced, Sheet(path), lambda _, cell: cell)


def lines(path):
    """How many lines a file has, by anything that ends one."""
    return len(re.findall(b"\r\n|\r|\n", path.read_bytes()))


# --- --excel -------------------------------------------------------------------------------------

def excel(source, folder, plain):
    """What a spreadsheet opens without harm."""
    path = convert(source, folder / "excel.csv", "--excel")
    claim(path.read_bytes().startswith("\ufeffid,".encode()), "--excel: a byte order mark")
    sheet = Sheet(path, "utf-8-sig")
    for row in sheet.rows:
        for name, cell in row.items():
            check_cell(KINDS[name], cell)
    claim(True, "--excel: no text runs as a formula, every id is a text")
    short = Sheet(folder / "plain.csv")
    short.rows = [row for row in short.rows if max(map(len, row.values())) < MOST_CHARACTERS // 2]
    ids = {row["id"] for row in short.rows}
    sheet.rows = [row for row in sheet.rows if row["id"][2:-1] in ids]
    claim(len(short.rows) > len(plain.rows) // 2, "--excel: few cells are too long for Excel")
    same("--excel", short, sheet, unmarked)


def check_cell(kind, cell):
    """A cell that does no harm."""
    if kind == "id" and cell:
        claim_quietly(re.fullmatch(r'="\d+"', cell), f"--excel: {cell!r} is an id as a text")
    elif kind == "text" and FORMULA.match(cell):
        claim_quietly(re.fullmatch(r'="[^"]+"', cell), f"--excel: {cell!r} is no formula")
    claim_quietly(len(cell.encode("utf-16-le")) // 2 <= MOST_CHARACTERS, "--excel: a cell that fits")


def claim_quietly(holds, promise):
    """Of so many claims only one that does not hold is worth a line."""
    if not holds:
        claim(False, promise)


def unmarked(kind, cell):
    """Without the marks."""
    if kind in ("id", "text"):
        if found := re.fullmatch(r'="(.*)"', cell, re.DOTALL):
            return found[1]
        if cell.startswith("'"):
            return cell[1:]
    return cell


# --- --merge-retweets and --tables ---------------------------------------------------------------

class Pages:
    """Pages as Python's json reads them: posts in order, and what came along, each id once."""

    def __init__(self, pages):
        self.posts, self.included = {}, {"users": {}, "tweets": {}, "media": {}}
        for page in pages:
            data = page.get("data", [])
            for post in data if isinstance(data, list) else [data]:
                self.posts.setdefault(post["id"], (post, page))
            for kind, seen in self.included.items():
                for item in page.get("includes", {}).get(kind, []):
                    seen.setdefault(item["media_key" if kind == "media" else "id"], item)

    def original(self, post, page):
        """The post that a post retweets, if it came along with it."""
        wanted = [other["id"] for other in post.get("referenced_tweets", [])
                  if other["type"] == "retweeted"]
        came = page.get("includes", {}).get("tweets", [])
        return next((other for other in came if other["id"] in wanted[:1]), None)

    def marked(self, kind, field):
        """What is marked in the texts of the posts: post, start, end, and one field of it."""
        def cell(value):
            return "" if value is None else str(value)
        return [(post["id"], cell(item.get("start")), cell(item.get("end")), cell(item.get(field)))
                for post, _ in self.posts.values()
                for item in post.get("entities", {}).get(kind, [])]


def merge_retweets(source, folder, plain, pages):
    """A retweet has the content of the retweeted post."""
    merged = Sheet(convert(source, folder / "merged.csv", "--merge-retweets"))
    claim(merged.keys("id", "created_at", "user_id") == plain.keys("id", "created_at", "user_id"),
          "--merge-retweets: id, time and author stay")
    count = 0
    for row, before in zip(merged.rows, plain.rows, strict=True):
        original = pages.original(*pages.posts[row["id"]])
        if original is None:
            claim_quietly(row == before, f"--merge-retweets: {row['id']} is no retweet, and stays")
            continue
        count += 1
        counts = original.get("public_metrics") or {}
        claim_quietly(row["tweet"] == original["text"], f"--merge-retweets: the text of {row['id']}")
        if "like_count" in counts:
            claim_quietly(row["like_count"] == str(counts["like_count"]),
                          f"--merge-retweets: the likes of {row['id']}")
    claim(count > 100, f"--merge-retweets: {count} retweets have text and counts of their posts")


def tables(source, folder, plain, pages):
    """What came along, in tables of its own."""
    option = ("--tables", ",".join(TABLES))
    out = convert(source, folder / "posts.csv", *option)
    claim(out.read_bytes() == (folder / "plain.csv").read_bytes(), "--tables: the rows stay")
    by_name = {name: Sheet(folder / f"posts.{name}.csv") for name in TABLES}
    for name, key, kind in (("users", "id", "users"), ("referenced", "id", "tweets"),
                            ("media", "media_key", "media")):
        seen = list(pages.included[kind])
        claim([id_ for id_, in by_name[name].keys(key)] == seen,
              f"--tables: {name}: the {len(seen)} that came along, each once, in order")
    names = {user["id"]: user["username"] for user in pages.included["users"].values()}
    claim(dict(by_name["users"].keys("id", "username")) == names, "--tables: users: their handles")
    for name, field in (("hashtags", "tag"), ("mentions", "username"), ("urls", "url")):
        of_texts = [row for row in by_name[name].rows if row["marked_in"] == "text"]
        ours = [(row["tweet_id"], row["start"], row["end"], row[field]) for row in of_texts]
        claim(ours == pages.marked(name, field), f"--tables: {name}: {len(ours)} places in texts")
    for ending in ("jsonl", "parquet"):
        convert(source, folder / f"posts.{ending}", *option)
        for name, sheet in by_name.items():
            path = folder / f"posts.{name}.{ending}"
            claim(rows_in(path) == len(sheet.rows), f"--tables: as many {name} in {ending}")
    claim(len(plain.rows) == len(pages.posts), "rows out are posts in")


def rows_in(path):
    """How many rows DuckDB or Python finds."""
    if path.suffix == ".parquet":
        return duckdb.read_parquet(str(path)).aggregate("count(*)").fetchall()[0][0]
    with path.open(encoding="utf-8") as file:
        return sum(isinstance(json.loads(line), dict) for line in file)


def main():
    """All of it."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "pages.jsonl"
    write_pages(2, source)
    with source.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(page) + "\n" for page in hard_pages())
    with source.open(encoding="utf-8") as file:
        pages = Pages([json.loads(line) for line in file])
    plain = Sheet(convert(source, folder / "plain.csv"))
    newlines(source, folder, plain)
    excel(source, folder, plain)
    merge_retweets(source, folder, plain, pages)
    tables(source, folder, plain, pages)


if __name__ == "__main__":
    testify(main)
