"""`mistnet convert --profile twarc` and twarc-csv write the same cells.

twarc-csv is run as its users run it, `twarc2 csv IN OUT`, unmodified and with its default options,
in a Python environment of its own (it breaks with pandas 3). The pages come from the simulator by
twarc2 itself, and from here: pages with everything that X sends and that is hard to write. Every
cell must be the same, but for the differences that docs/output.md lists; each of those is shown
here to be what the document says it is.
"""

import copy
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rig import BINARY, ROOT, TARGET, Refuted, Simulator, claim, testify
from twarc_client import twarc_search
from twarc_pages import hard_pages, other_posts, page_of, post, whole_post

TWARC2 = Path(sys.executable).parent / "twarc2"
HASHTAG = "ringedbirds"
TWEETS = 1300
# twarc-csv has no columns for these counts, which X sends with every account.
WITHOUT_COLUMN = ("like_count", "media_count")


# --- what the document says ----------------------------------------------------------------------

def document():
    """The types of the columns by name, and the names of the differences."""
    text = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
    section = text.split("\n## Profile `twarc`\n", 1)[1].split("\n## ", 1)[0]
    columns, differences = section.split("| difference |", 1)
    column = re.compile(r"^\| `([^`]+)` \| ([a-zA-Z ]+?)(?: in [^|]+)? \|", re.MULTILINE)
    return dict(column.findall(columns)), re.findall(r"^\| ([^|]+) \|", differences, re.MULTILINE)


KINDS, DIFFERENCES = document()
COLUMNS = list(KINDS)


# --- both programs -------------------------------------------------------------------------------

class Table:
    """A CSV file: its header and its rows."""

    def __init__(self, path):
        with path.open(newline="", encoding="utf-8") as file:
            self.header, *self.rows = csv.reader(file, strict=True)

    def column(self, name):
        """The cells of a column."""
        return [row[self.header.index(name)] for row in self.rows]


def lines_of(pages):
    """Pages as twarc2 writes them; bytes are lines already."""
    return b"".join(page if isinstance(page, bytes) else json.dumps(page).encode() + b"\n"
                    for page in pages)


class Both:
    """Two converters, side by side."""

    def __init__(self, folder):
        self.folder, self.runs = Path(folder), 0

    def convert(self, pages):
        """What twarc-csv writes (None: it ended with an error) and what mistnet writes."""
        self.runs += 1
        source = self.folder / f"{self.runs}.jsonl"
        source.write_bytes(lines_of(pages))
        return self.by_twarc(source), self.by_mistnet(source)

    def twarc2(self, *arguments):
        """Runs twarc2, whose configuration and log go to our folder; whether it ended well."""
        environment = {**os.environ, "HOME": str(self.folder), "BEARER_TOKEN": "none"}
        run = subprocess.run([TWARC2, *arguments], cwd=self.folder, env=environment,
                             stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return run.returncode == 0

    def by_twarc(self, source):
        """`twarc2 csv`."""
        out = source.with_suffix(".twarc.csv")
        return Table(out) if self.twarc2("csv", source, out) else None

    def flattened(self, pages):
        """The posts of pages, each with everything that belongs to it: `twarc2 flatten`."""
        self.runs += 1
        source, out = self.folder / f"{self.runs}.jsonl", self.folder / f"{self.runs}.flat.jsonl"
        source.write_bytes(lines_of(pages))
        claim(self.twarc2("flatten", source, out), "twarc2 flattens the pages")
        return out.read_bytes()

    def by_mistnet(self, source):
        """`mistnet convert`."""
        out = source.with_suffix(".mistnet.csv")
        run = subprocess.run([BINARY, "convert", source, out, "--profile", "twarc"],
                             cwd=self.folder, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise Refuted(f"mistnet convert converts {source.name}:\n{run.stderr[-2000:]}")
        return Table(out)


def agree(what, both, pages):
    """Every cell is the same, of pages and of the posts in them when twarc2 has flattened them;
    returns how often which difference was met."""
    theirs, ours = both.convert(pages)
    met = same_cells(what, theirs, ours)
    theirs, flat = both.convert([both.flattened(pages)])
    same_cells(f"{what}, flattened", theirs, flat)
    claim(flat.rows == ours.rows, f"{what}: mistnet writes the same of pages and flattened posts")
    return met


def same_cells(what, theirs, ours):
    """Every cell is the same; returns how often which difference was met."""
    claim(theirs is not None, f"{what}: twarc-csv converts it")
    claim(theirs.header == COLUMNS and ours.header == COLUMNS,
          f"{what}: the {len(COLUMNS)} columns of docs/output.md in both files")
    claim(ours.column("id") == theirs.column("id"),
          f"{what}: the same {len(ours.rows)} rows in order")
    met = Counter()
    for name in COLUMNS:
        for at, cells in enumerate(zip(theirs.column(name), ours.column(name))):
            met[difference(name, *cells, f"{what}: row {at + 1}")] += 1
    claim(True, f"{what}: {met.total()} cells agree, {met['whole numbers']} but for their .0")
    return met


def difference(name, theirs, ours, where):
    """By which difference two cells differ: None by none."""
    if theirs == ours:
        return None
    if KINDS[name] == "integer" and theirs == f"{ours}.0" and ours.lstrip("-").isdigit():
        return "whole numbers"
    raise Refuted(f"{where}, {name}: both write the same\n  theirs: {theirs!r}\n  ours:   {ours!r}")


# --- pages ---------------------------------------------------------------------------------------

def collected(folder):
    """What twarc2 collects from the simulator: a line for each page, with its own notes."""
    with Simulator(folder, seed=11, tweets=TWEETS, hashtag=HASHTAG) as simulator:
        return twarc_search(simulator, max_results=100)


def with_columns_only(pages):
    """The same pages as before X sent the counts that twarc-csv has no columns for."""
    pages = copy.deepcopy(pages)
    for page in pages:
        for user in page.get("includes", {}).get("users", []):
            for name in WITHOUT_COLUMN:
                user.get("public_metrics", {}).pop(name, None)
    return pages


# --- differences ---------------------------------------------------------------------------------

def whole_numbers(both, _):
    """A hundred lines are a batch: what stands in one of them changes the others."""
    full, gap = {"data": [post(1)]}, {"data": [post(2, public_metrics={"like_count": 1})]}
    counts = "public_metrics.retweet_count"
    far_apart = [full] + [b"\n"] * 150 + [gap]
    for pages, cell in [([full], "3"), ([full, gap], "3.0"), (far_apart, "3.0")]:
        theirs, ours = both.convert(pages)
        claim((theirs.column(counts)[0], ours.column(counts)[0]) == (cell, "3"),
              f"whole numbers: {cell} of {len(pages)} lines")
    theirs, ours = both.convert([full] * 100 + [gap])
    claim((theirs.column(counts), ours.column(counts)) == (["3", ""], ["3", ""]),
          "whole numbers: not over the border of a hundred lines")


def unknown_fields(both, pages):
    """X's answers as they are today."""
    theirs, ours = both.convert(pages)
    claim((len(theirs.rows), len(ours.rows)) == (0, TWEETS),
          f"unknown fields: of {TWEETS} posts as they came twarc-csv writes none, mistnet all")
    _, known = both.convert(with_columns_only(pages))
    claim(ours.rows == known.rows, "unknown fields: they change no cell of mistnet's")


def ends(both, what, *posts, **cells):
    """twarc-csv ends with an error, and mistnet writes every row and these cells."""
    theirs, ours = both.convert([page_of(post(90), *posts)])
    named = {name.replace("__", "."): cell for name, cell in cells.items()}
    found = {name: ours.column(name)[1] for name in named}
    claim(theirs is None and len(ours.rows) == len(posts) + 1 and found == named,
          f"{what}: twarc-csv ends, mistnet writes {found}")


def null(both, _):
    """`null` where a value could be."""
    ends(both, "null", post(1, lang=None), lang="", text="post 1")
    ends(both, "null", post(1, geo=None, entities=None), geo__id="", entities__hashtags="")


def gaps(both, _):
    """Things that X left out."""
    retweet = post(1, referenced_tweets=[{"type": "retweeted", "id": "404"}])
    del retweet["public_metrics"]
    ends(both, "gaps", retweet, public_metrics__like_count="", text="post 1")
    ends(both, "gaps", post(1, entities={"hashtags": [{"start": 0}, {"tag": "x"}]}),
         entities__hashtags='["#x"]')
    page = page_of(post(1))
    page["includes"]["users"][0]["entities"]["url"]["urls"] = []
    theirs, ours = both.convert([page])
    claim(theirs is None and ours.column("author.url") == ["https://t.co/c"],
          "gaps: a profile whose list of links is empty")


def no_id(both, _):
    """Something in `data` without an id."""
    theirs, ours = both.convert([page_of(post(1), {"text": "nameless"})])
    claim(theirs.column("text") == ["post 1"] and ours.column("text") == ["post 1", "nameless"],
          "no id: one row less")


def other_types(both, _):
    """Values of other types: as a text anything will do, elsewhere it must fit."""
    odd = post(1, text=7, lang=True, created_at="yesterday", possibly_sensitive="no",
               conversation_id="none", edit_history_tweet_ids="1", source=[1.50, "x"],
               entities={"urls": [{"url": 5}, {"url": ["é"]}]})
    theirs, ours = both.convert([page_of(odd)])
    same = {"text": "7", "lang": "True", "source": '[1.5, "x"]',
            "entities.urls": '[5, ["\\u00e9"]]'}
    differ = {"created_at": "yesterday", "possibly_sensitive": "no", "conversation_id": "none",
              "edit_history_tweet_ids": "1"}
    def write(table, cells):
        return all(table.column(name) == [cell] for name, cell in cells.items())
    claim(write(theirs, same) and write(ours, same), f"other types: both write {same}")
    claim(write(theirs, differ) and write(ours, dict.fromkeys(differ, "")),
          f"other types: only twarc-csv writes {differ}")


def half_characters(both, _):
    """Half a surrogate pair, and bytes that are no UTF-8."""
    lone = json.dumps(page_of(post(1, text="a\ud83dz"))).encode() + b"\n"
    theirs, ours = both.convert([lone])
    claim(theirs is None and ours.column("text") == ["a\ufffdz"], "half characters: in a text")
    theirs, ours = both.convert([page_of(post(1, entities={"hashtags": [{"tag": "\ud83d"}]}))])
    claim(theirs.column("entities.hashtags") == ['["#\\ud83d"]']
          and ours.column("entities.hashtags") == ['["#\\ufffd"]'], "half characters: in a list")
    line = json.dumps(page_of(post(1, text="aXz"))).encode() + b"\n"
    theirs, ours = both.convert([line.replace(b"aXz", b"a\xffz")])
    claim(theirs is None and ours.column("text") == ["a\ufffdz"], "half characters: invalid UTF-8")


def given_twice(both, _):
    """Two values where X sends one."""
    page = page_of(post(1))
    page["includes"]["users"].append({"id": "71", "username": "again"})
    twice = json.dumps(page).replace('"text": "post 1"', '"text": "first", "text": "second"')
    theirs, ours = both.convert([twice.encode() + b"\n"])
    found = [(table.column("text"), table.column("author.username")) for table in (theirs, ours)]
    claim(found == [(["second"], ["again"]), (["first"], ["warden"])],
          "given twice: the last of twarc-csv's, the first of mistnet's")


def post_fields(both, _):
    """The other dialect."""
    def translated(text):
        for new, old in [
                ("referenced_posts", "referenced_tweets"), ("repost_count", "retweet_count"),
                ("edit_history_post_ids", "edit_history_tweet_ids"), ("posts", "tweets"),
                ("post_count", "tweet_count"), ("pinned_post_id", "pinned_tweet_id")]:
            text = text.replace(f'"{old}":', f'"{new}":')
        return text.encode() + b"\n"
    pages = [page_of(whole_post(), *other_posts())]
    theirs, ours = both.convert([translated(json.dumps(page)) for page in pages])
    claim(not theirs.rows and ours.rows == both.convert(pages)[1].rows,
          "post.fields: no rows of twarc-csv's, mistnet's the same as of tweet.fields")


CASES = {
    "whole numbers": whole_numbers, "unknown fields": unknown_fields, "null": null, "gaps": gaps,
    "no id": no_id, "other types": other_types, "half characters": half_characters,
    "given twice": given_twice, "post.fields": post_fields,
}


def main():
    """All of it; further files of pages may be given, about which the two must agree."""
    claim(set(DIFFERENCES) == set(CASES), f"docs/output.md lists {len(CASES)} differences")
    (TARGET / "witness").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TARGET / "witness") as folder:
        both = Both(folder)
        agree("pages by hand", both, hard_pages())
        for path in sys.argv[1:]:
            agree(Path(path).name, both, [Path(path).read_bytes()])
        pages = collected(folder)
        met = agree(f"{len(pages)} pages by twarc2", both, with_columns_only(pages))
        claim(met["whole numbers"] > 0, "counts with gaps were among them")
        for case in CASES.values():
            case(both, pages)


if __name__ == "__main__":
    testify(main)
