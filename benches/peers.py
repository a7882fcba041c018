"""What somebody who knows the tool well would write instead of `mistnet convert`.

Usage: peers.py duckdb|duckdb-all|orjson|polars PAGES OUT

OUT ends in .csv or .parquet. Each writes the 25 columns of the profile `original`, a row for each
tweet of `data`, with the author from the `includes` of the same page. `media` has no addresses, and
lists are written as the tool likes: the peers do a little less than mistnet, never more.

`duckdb-all` is beside the profile `full`: every field of the tweet, of its author and of the post
that it retweets, in nested columns of Parquet, and nothing that is made of several fields.
"""

import csv
import sys
import tempfile
from itertools import islice

COLUMNS = (
    "id conversation_id created_at tweet source language in_reply_to_user_id hashtags urls media"
    " retweet_count reply_count like_count quote_count user_id user_screen_name user_name"
    " user_description user_location user_created_at user_followers_count user_friends_count"
    " user_statuses_count user_verified references").split()


# --- orjson: the fastest JSON that Python has, and the csv module ---------------------------------

def rows(page, loads, dumps):
    """The rows of a page."""
    page = loads(page)
    includes = page.get("includes", {})
    users = {user["id"]: user for user in includes.get("users", ())}
    media = {medium["media_key"]: medium["type"] for medium in includes.get("media", ())}
    nobody, none = {}, ()
    for tweet in page.get("data", ()):
        get, counts = tweet.get, tweet["public_metrics"]
        found, user = get("entities", nobody), users.get(tweet["author_id"], nobody)
        followed = user.get("public_metrics", nobody)
        keys = get("attachments", nobody).get("media_keys", none)
        references = get("referenced_tweets")
        yield (
            tweet["id"], get("conversation_id"), get("created_at"), tweet["text"], get("source"),
            get("lang"), get("in_reply_to_user_id"),
            dumps([tag["tag"] for tag in found.get("hashtags", none)]).decode(),
            dumps([url.get("expanded_url") for url in found.get("urls", none)]).decode(),
            dumps([[key, media.get(key)] for key in keys]).decode(),
            counts["retweet_count"], counts["reply_count"], counts["like_count"],
            counts["quote_count"], tweet["author_id"], user.get("username"), user.get("name"),
            user.get("description"), user.get("location"), user.get("created_at"),
            followed.get("followers_count"), followed.get("following_count"),
            followed.get("tweet_count"), user.get("verified"),
            dumps(references).decode() if references else None)


def with_orjson(pages, out):
    """Page by page, so memory stays small."""
    import orjson  # noqa: PLC0415 (each tool pays for its own import only)
    with open(pages, "rb") as lines, open(out, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for line in lines:
            writer.writerows(rows(line, orjson.loads, orjson.dumps))


def with_polars(pages, out):
    """The same rows as a data frame, which then is written."""
    import orjson  # noqa: PLC0415
    import polars  # noqa: PLC0415
    with open(pages, "rb") as lines:
        frame = polars.DataFrame(
            [row for line in lines for row in rows(line, orjson.loads, orjson.dumps)],
            schema=COLUMNS, orient="row", infer_schema_length=None)
    if out.endswith(".parquet"):
        frame.write_parquet(out, compression="zstd")
    else:
        frame.write_csv(out)


# --- DuckDB: typed columns, so that nothing is inferred and what is not needed is not read ---------

TWEET = """STRUCT(
  id VARCHAR, conversation_id VARCHAR, created_at VARCHAR, "text" VARCHAR, source VARCHAR,
  lang VARCHAR, in_reply_to_user_id VARCHAR, author_id VARCHAR,
  entities STRUCT(hashtags STRUCT(tag VARCHAR)[], urls STRUCT(expanded_url VARCHAR)[]),
  attachments STRUCT(media_keys VARCHAR[]),
  public_metrics STRUCT(
    retweet_count BIGINT, reply_count BIGINT, like_count BIGINT, quote_count BIGINT),
  referenced_tweets STRUCT("type" VARCHAR, id VARCHAR)[])"""
USER = """STRUCT(
  id VARCHAR, username VARCHAR, "name" VARCHAR, description VARCHAR, "location" VARCHAR,
  created_at VARCHAR, verified BOOLEAN,
  public_metrics STRUCT(followers_count BIGINT, following_count BIGINT, tweet_count BIGINT))"""
QUERY = f"""
WITH page AS (
  SELECT row_number() OVER () AS page, data, includes FROM read_json(
    $pages, format = 'newline_delimited', maximum_object_size = 67108864,
    columns = {{data: '{TWEET}[]', includes: 'STRUCT(users {USER}[])'}})),
tweet AS (SELECT page, unnest(data) AS t FROM page),
author AS (
  SELECT page, u.id AS id, any_value(u) AS u
  FROM (SELECT page, unnest(includes.users) AS u FROM page) GROUP BY page, u.id)
SELECT t.id, t.conversation_id, t.created_at, t."text" AS tweet, t.source, t.lang AS "language",
  t.in_reply_to_user_id, to_json(list_transform(t.entities.hashtags, lambda h: h.tag)) AS hashtags,
  to_json(list_transform(t.entities.urls, lambda l: l.expanded_url)) AS urls,
  to_json(t.attachments.media_keys) AS media, t.public_metrics.retweet_count,
  t.public_metrics.reply_count, t.public_metrics.like_count, t.public_metrics.quote_count,
  t.author_id AS user_id, u.username AS user_screen_name, u."name" AS user_name,
  u.description AS user_description, u."location" AS user_location,
  u.created_at AS user_created_at, u.public_metrics.followers_count AS user_followers_count,
  u.public_metrics.following_count AS user_friends_count,
  u.public_metrics.tweet_count AS user_statuses_count, u.verified AS user_verified,
  to_json(t.referenced_tweets) AS "references"
FROM tweet LEFT JOIN author ON author.page = tweet.page AND author.id = t.author_id"""


ALL = """
WITH page AS (
  SELECT row_number() OVER () AS page, data, includes FROM read_json(
    '{pages}', format = 'newline_delimited', maximum_object_size = 67108864, columns = {types})),
tweet AS (SELECT page, unnest(data) AS t FROM page),
author AS (
  SELECT page, u.id AS id, any_value(u) AS u
  FROM (SELECT page, unnest(includes.users) AS u FROM page) GROUP BY page, u.id),
post AS (
  SELECT page, p.id AS id, any_value(p) AS p
  FROM (SELECT page, unnest(includes.tweets) AS p FROM page) GROUP BY page, p.id)
SELECT t AS tweet, u AS author, p AS retweeted FROM tweet
LEFT JOIN author ON author.page = tweet.page AND author.id = t.author_id
LEFT JOIN post ON post.page = tweet.page AND post.id = list_filter(
  t.referenced_tweets, lambda reference: reference."type" = 'retweeted')[1].id"""
# What the types of all fields are read from: a few pages have every one that the benchmarks' have.
FIRST_PAGES = 3


def with_duckdb(pages, out):
    """One statement. Neither one thread nor any order of rows makes it cheaper."""
    import duckdb  # noqa: PLC0415
    how = "FORMAT parquet, COMPRESSION zstd" if out.endswith(".parquet") else "FORMAT csv, HEADER"
    query = QUERY.replace("$pages", f"'{pages}'")
    duckdb.connect().execute(f"COPY ({query}) TO '{out}' ({how})")


def with_duckdb_all(pages, out):
    """The same of every field, with the types that DuckDB finds in the first pages."""
    import duckdb  # noqa: PLC0415
    with open(pages, "rb") as lines, tempfile.NamedTemporaryFile(suffix=".jsonl") as first:
        first.writelines(islice(lines, FIRST_PAGES))
        first.flush()
        found = duckdb.sql(
            "DESCRIBE SELECT data, includes FROM read_json("
            f"'{first.name}', format = 'newline_delimited', maximum_object_size = 67108864,"
            " maximum_depth = -1, map_inference_threshold = -1)").fetchall()
    types = "{" + ", ".join(f"{name}: '{kind}'" for name, kind, *_ in found) + "}"
    query = ALL.format(pages=pages, types=types)
    duckdb.connect().execute(f"COPY ({query}) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")


def main():
    """The command line."""
    tools = {"duckdb": with_duckdb, "duckdb-all": with_duckdb_all, "orjson": with_orjson,
             "polars": with_polars}
    tool, pages, out = sys.argv[1:]
    tools[tool](pages, out)


if __name__ == "__main__":
    main()
