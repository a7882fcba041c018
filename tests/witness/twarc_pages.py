"""Pages by hand, of `tweet.fields`, with everything that is hard to write into a table.

Each value stands where twarc-csv has a column for it, and nothing is missing without which
twarc2 ends with an error; so it and mistnet must agree about them.
"""


TEXTS = ["", " ", "a\r\nb\nc\\n\rd", "\n", "\r", "\"q\", 'q'", ",", "=1+1", "@x", "-1", "007", "1.50",
         "1e5", "true", "True", "nan", "None", "null", "NA", "[1]", "{}", "\t", "\u0000", "\u0001",
         "\u007f", "\u0085", "\u2028", "\ufeff", "\u202etxet", "&amp; &lt;", "é", "日本語", "𝔹",
         "👩🏽‍🔬", "\\ud83d", "a/b"]
COUNTS = {"retweet_count": 3, "reply_count": 0, "like_count": 12, "quote_count": 1,
          "bookmark_count": 2, "impression_count": 4096}


def post(number, **fields):
    """A small post."""
    return {"id": str(9007199254740993 + number), "text": f"post {number}", "author_id": "71",
            "edit_history_tweet_ids": [str(9007199254740993 + number)], "public_metrics": COUNTS,
            **fields}


def marked(text):
    """Entities of every kind with a text that is hard to write."""
    return {
        "hashtags": [{"start": 0, "end": 1, "tag": text}, {"tag": "birds"}],
        "cashtags": [{"tag": text}],
        "mentions": [{"username": "warden", "id": "71"}, {"username": text}],
        "urls": [{"url": "https://t.co/a", "expanded_url": f"https://nets.example/?{text}",
                  "display_url": "nets.example", "title": text, "status": 200},
                 {"url": "https://t.co/b", "display_url": f"pic.x.com/{text}", "media_key": "3_11",
                  "expanded_url": "https://x.com/1"},
                 {"url": f"https://t.co/{text}"}],
        "annotations": [{"start": 0, "end": 4, "probability": 0.90, "type": text,
                         "normalized_text": text, "n": [1e22, 1e-5, 1.0, -0.0, 1e16, 12345678.9,
                                                        123456789012345678901234, True]}],
    }


def without(fields, *names):
    """An object without some of its fields."""
    return {name: value for name, value in fields.items() if name not in names}


def whole_post():
    """A post with a value in every column."""
    return post(
        0, text="Nets are up &amp; the first\r\nrobin is in!", conversation_id="9007199254740000",
        created_at="2026-06-05T14:03:21.000Z", lang="en", source="Net Ring App",
        in_reply_to_user_id="71", reply_settings="everyone", possibly_sensitive=False,
        edit_controls={"edits_remaining": 4, "is_edit_eligible": True,
                       "editable_until": "2026-06-05T15:03:21.000Z"},
        referenced_tweets=[{"type": "quoted", "id": "101"}, {"type": "replied_to", "id": "102"}],
        entities=marked("x"), context_annotations=[{"domain": {"id": "47", "name": "Hobby é"}}],
        attachments={"media_keys": ["3_11", "3_404"], "poll_ids": ["5501"]},
        geo={"place_id": "07d9", "coordinates": {"type": "Point", "coordinates": [-0.10, 51]}},
        withheld={"copyright": False, "country_codes": ["XA"], "scope": "tweet"})


def other_posts():
    """Replies, quotes and retweets of what came along and of what did not, and every text."""
    def refers(number, *references, **fields):
        return post(number, referenced_tweets=[{"type": kind, "id": of} for kind, of in references],
                    **fields)
    yield refers(1, ("retweeted", "103"), text="RT @warden: cut…", entities={"mentions": []})
    yield refers(2, ("retweeted", "104"), entities=marked("own"),
                 attachments={"poll_ids": ["5501"]})
    yield refers(3, ("retweeted", "404"), entities={"hashtags": []}, attachments={})
    yield refers(4, ("retweeted", "105"))
    yield refers(5, ("quoted", "404"), ("replied_to", "404"), in_reply_to_user_id="404")
    yield refers(6, ("quoted", "105"), ("replied_to", "105"))
    yield refers(7, ("quoted", "101"), ("quoted", "103"), ("retweeted", "103"))
    yield refers(8)
    yield post(9, author_id="404", geo={"place_id": "404"}, attachments={"poll_ids": ["404"]})
    yield post(10, author_id="72", public_metrics={"retweet_count": 5})
    yield post(11, entities={}, geo={}, withheld={"country_codes": []}, context_annotations=[])
    for number, text in enumerate(TEXTS, start=100):
        yield post(number, text=text, source=text, lang=text, entities=marked(text), author_id="73")


def included():
    """What they refer to."""
    return {
        "users": [
            {"id": "71", "username": "warden", "name": "The \"Warden\",\nhimself",
             "created_at": "2009-01-01T00:00:00.000Z",
             "description": "Rings birds.\r\nLets them go.",
             "location": "", "url": "https://t.co/c", "protected": False, "verified": True,
             "verified_type": "blue", "profile_image_url": "https://pbs.example/p.jpg",
             "pinned_tweet_id": "103", "withheld": {"country_codes": ["XA"], "scope": "user",
                                                    "copyright": True},
             "entities": {"url": {"urls": [
                              {"url": "https://t.co/c"},
                              {"url": "https://t.co/c", "expanded_url": "https://é.example"}]},
                          "description": without(marked("é"), "annotations")},
             "public_metrics": {"followers_count": 120, "following_count": 34, "tweet_count": 5600,
                                "listed_count": 7}},
            {"id": "72", "username": "plain", "name": "", "location": None, "url": ""},
            {"id": "73", "username": "third", "entities": {"url": {"urls": [{"url": "only"}]}},
             "public_metrics": {"followers_count": 0, "following_count": 0, "tweet_count": 0,
                                "listed_count": 0}}],
        "tweets": [
            {"id": "101", "text": "Who?", "author_id": "72"},
            {"id": "102", "text": "Good morning", "author_id": "71"},
            {"id": "103", "text": "All night\nthe nets were closed", "author_id": "71",
             "entities": marked("original"), "attachments": {"media_keys": ["7_12"]},
             "context_annotations": [{"domain": {"id": "1"}}], "public_metrics": {"like_count": 7}},
            {"id": "104", "text": "Nothing marked", "author_id": "73"},
            {"id": "105", "text": "By nobody we know", "author_id": "404"}],
        "media": [{"media_key": "3_11", "type": "photo", "url": None,
                   "alt_text": "A \"robin\" in the hand\n"},
                  {"media_key": "7_12", "type": "video", "duration_ms": 9000,
                   "variants": [{"bit_rate": 256000, "url": "https://v.example/é"}]}],
        "polls": [{"id": "5501", "voting_status": "closed", "duration_minutes": 1440,
                   "end_datetime": "2026-06-06T14:03:21.000Z",
                   "options": [{"position": 1, "label": "Robin", "votes": 9}]}],
        "places": [{"id": "07d9", "full_name": "Reed Bed, Nowhere", "name": "Reed Bed",
                    "country": "Nowhere", "place_type": "poi", "country_code": "XA",
                    "geo": {"type": "Feature", "properties": {},
                            "bbox": [-0.20, 51.4, 0.0, 3e-7]}}],
    }


def page_of(*posts, **more):
    """A page with these posts."""
    meta = {"result_count": len(posts)}
    return {"data": list(posts), "includes": included(), "meta": meta, **more}


def hard_pages():
    """Pages by hand, about which the two must agree."""
    noted = {"url": "https://api.x.com/2/tweets/search/all?query=%23é", "version": "2.14.0",
             "retrieved_at": "2026-06-05T15:00:00+00:00"}
    rules = [{"id": "1", "tag": "é"}]
    return [
        page_of(whole_post(), *other_posts(), __twarc=noted),
        page_of(post(1, text="a second time"), post(50)),
        {"data": post(51), "includes": included(), "matching_rules": rules},
        {"data": [post(52)]},
        {"meta": {"result_count": 0}, "__twarc": noted},
        {"errors": [{"title": "Not Found Error"}]},
    ]
