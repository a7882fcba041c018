"""X's own SDK and twarc2, unmodified, collect a whole archive from the simulator.

Two programs that were written against the real X API: `xdk` asks in the `post.fields` dialect
and checks every answer with its models, `twarc` asks with `tweet.fields`. If they page through
everything and find every post exactly once, the simulator is close enough to X for ours to be
tested against it. X's short and empty pages and its partial errors are on. Counts include posts
that search holds back, as X's do, so they may be a little higher.
"""

import logging
import sys
import tempfile
import time
from collections import Counter

import requests
from twarc.expansions import ensure_flattened
from xdk import Client

from rig import TARGET, Simulator, claim, testify
from twarc_client import FLOOR, RedirectedTwarc, moment, twarc_search

HASHTAG = "ringedbirds"
QUERY = f"#{HASHTAG}"
TWEETS = 1300
XDK_FIELDS = {
    "post_fields": ["id", "text", "created_at", "conversation_id", "entities", "geo", "lang",
                    "note_post", "public_metrics", "withheld", "edit_controls", "attachments",
                    "context_annotations", "possibly_sensitive", "reply_settings", "source"],
    "expansions": ["author_id", "referenced_posts", "attachments.media_keys", "geo.place_id",
                   "attachments.poll_ids", "in_reply_to_user_id", "edit_history_post_ids",
                   "entities.mentions.username"],
    "user_fields": ["id", "name", "username", "created_at", "public_metrics", "verified_type",
                    "description", "entities", "withheld"],
    "media_fields": ["media_key", "type", "url", "width", "height", "variants", "alt_text"],
    "poll_fields": ["id", "options", "end_datetime", "voting_status", "duration_minutes"],
    "place_fields": ["id", "full_name", "country_code", "geo", "place_type"],
}
# X refuses pages above 100 together with twarc's default context_annotations.
LARGE_PAGES = {"max_results": 500, "tweet_fields": "created_at,author_id,referenced_tweets"}


def exactly_once(who, ids, truth):
    """Every post of the truth, once, in X's order."""
    again = [post for post, times in Counter(ids).items() if times > 1]
    claim(not again, f"{who}: no post twice")
    claim(set(ids) == set(truth), f"{who}: {len(ids)} posts of {len(truth)}, none lost or invented")
    claim(ids == truth, f"{who}: newest first over page borders")


def xdk_search(simulator, pause=0.0, max_results=20):
    """The archive by X's SDK; it does not wait between pages, so its caller does."""
    client = Client(base_url=simulator.url, bearer_token="simulated")
    pages = []
    for page in client.posts.search_all(QUERY, start_time=FLOOR, max_results=max_results,
                                        **XDK_FIELDS):
        pages.append(page)
        time.sleep(pause)
    return pages


def xdk_testifies(simulator, truth):
    """Search and counts by X's SDK."""
    pages = xdk_search(simulator)
    posts = [post for page in pages for post in page.data or []]
    exactly_once("xdk search", [post.id for post in posts], truth)
    sizes = [len(page.data or []) for page in pages]
    claim(0 in sizes[:-1] and any(0 < size < 20 for size in sizes[:-1]),
          f"xdk search: {len(pages)} pages, short and empty ones in the middle")
    claim(all(post.text and post.created_at and post.public_metrics for post in posts),
          "xdk search: the fields asked for are there, under their new names")
    claim(any(page.includes and page.includes.posts for page in pages), "xdk search: includes.posts")
    partial = [error for page in pages for error in page.errors or []]
    claim(partial and all(error.title for error in partial),
          f"xdk search: {len(partial)} partial errors, each a problem that its models know")
    authors = {user.id for page in pages for user in (page.includes and page.includes.users) or []}
    missing = [post.id for post in posts if post.author_id not in authors]
    claim(len(missing) < len(posts) / 20, f"xdk search: {len(missing)} posts without their author")
    counts = list(Client(base_url=simulator.url, bearer_token="simulated").posts.get_counts_all(
        QUERY, start_time=FLOOR, granularity="day", search_count_fields="start,end,post_count"))
    total = sum(page.meta.total_post_count for page in counts)
    claim(TWEETS <= total <= TWEETS * 1.1, f"xdk counts: {total} posts on {len(counts)} pages")
    claim(total == sum(bucket.post_count for page in counts for bucket in page.data),
          "xdk counts: the totals are the sums of the buckets")


def twarc_testifies(simulator, truth):
    """Search, counts and lookup by twarc2."""
    pages = twarc_search(simulator, max_results=100)
    exactly_once("twarc search", [post["id"] for page in pages for post in page["data"]], truth)
    flat = [post for page in pages for post in ensure_flattened(page)]
    claim(len(flat) == TWEETS, "twarc search: its flattening finds every post")
    claim(sum(bool(post["author"]) for post in flat) > TWEETS * 0.95,
          "twarc search: and nearly every author")
    claim(any("errors" in page for page in pages), "twarc search: partial errors do not stop it")
    twarc = RedirectedTwarc(simulator)
    start = moment(FLOOR).replace(year=2024)
    counts = list(twarc.counts_all(QUERY, start_time=start, granularity="day"))
    total = sum(page["meta"]["total_tweet_count"] for page in counts)
    recent = [post for page in pages for post in page["data"] if moment(post["created_at"]) >= start]
    claim(len(recent) <= total <= len(recent) * 1.3,
          f"twarc counts: {total} posts since {start.year} on {len(counts)} pages, {len(recent)} found")
    gone = "1000000000000000000"
    looked_up = list(twarc.tweet_lookup([*truth[:150], gone]))
    claim([post["id"] for page in looked_up for post in page["data"]] == truth[:150],
          "twarc lookup: 150 ids in two requests")
    claim(any(error.get("resource_id", error.get("value")) == gone
              for page in looked_up for error in page.get("errors", [])),
          "twarc lookup: a post that is gone is a partial error")


def twarc_meets_trouble(simulator, truth):
    """A 503 and a reset connection: twarc's own patience carries it over both."""
    search = {"path": "/2/tweets/search/all"}
    simulator.fail(
        {"fault": {"kind": "server_error", "status": 503}, "when": {"on": "nth", "n": 2}, **search},
        {"fault": {"kind": "reset"}, "when": {"on": "nth", "n": 4}, **search})
    pages = twarc_search(simulator, **LARGE_PAGES)
    exactly_once("twarc, 503 and reset", [p["id"] for page in pages for p in page["data"]], truth)


def real_limits(folder):
    """Both clients under X's limits, with a clock that runs ten times as fast."""
    speed = 10
    with Simulator(folder, seed=12, tweets=TWEETS, hashtag=HASHTAG, rate_limits="real",
                   speed=speed) as simulator:
        truth = simulator.truth()
        try:
            xdk_search(simulator)
            refused = None
        except requests.HTTPError as error:
            refused = error.response
        claim(refused is not None and refused.status_code == 429
              and int(refused.headers["x-rate-limit-remaining"]) > 0,
              "real limits: the SDK without pauses meets the limit of one request a second")
        simulator.forget()
        time.sleep(1.2 / speed)
        pages = xdk_search(simulator, pause=1.2 / speed, max_results=100)
        exactly_once("xdk, real limits", [p.id for page in pages for p in page.data or []], truth)
        time.sleep(1.2 / speed)
        pages = twarc_search(simulator, **LARGE_PAGES)
        exactly_once("twarc, real limits", [p["id"] for page in pages for p in page["data"]], truth)
        claim("429" not in simulator.ledger()["statuses"], "real limits: paced clients meet no 429")


def main():
    """All of it."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stdout)
    (TARGET / "witness").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TARGET / "witness") as folder:
        with Simulator(folder, seed=11, tweets=TWEETS, hashtag=HASHTAG) as simulator:
            truth = simulator.truth()
            claim(len(truth) == TWEETS, f"the simulator has {TWEETS} posts, seed 11")
            xdk_testifies(simulator, truth)
            twarc_testifies(simulator, truth)
            twarc_meets_trouble(simulator, truth)
        real_limits(folder)


if __name__ == "__main__":
    testify(main)
