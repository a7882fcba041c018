"""Invents pages as X's full-archive search sends them, one a line: the input of all measurements.

What a page of 500 tweets has on average: 300 retweets, some 960 users, 400 referenced tweets, 100
photos and videos, 4 places, a poll or two, and 2.8 KB for each tweet with what belongs to it. Texts
are of words, emoji, four scripts, quotation marks and line breaks. UTF-8 and no white space, as X
sends it. The same number of pages and seed give the same bytes, and the first pages of a long file
are those of a short one, but for `next_token`. No person and no tweet in it exists.

Usage: pages.py PAGES OUT [--seed 7] [--per-page 500]
"""

import argparse
import json
from datetime import datetime, timedelta
from random import Random

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WORDS = (
    "nets were opened before dawn and the first robin came in with a light wind from north over "
    "reeds where warblers sing we ring weigh measure then let them go unharmed every bird counts "
    "for science so please report any ring you find on beach road or window it tells how far they "
    "fly what routes autumn storms close our sluice volunteers needed this weekend tea provided "
    "season record total juveniles females moult fat score tarsus wing new station map data paper "
    "published today after ten years of patience thanks to all who walked these rides in rain"
).split()
SPICE = [
    "🐦", "🔭", "🪶", "👩🏽‍🔬", "🇫🇮", "❤️", "→", "…", "“nearly”", "Grünspecht", "mésange", "señuelo",
    "Зарянка", "кольцо", "渡り鳥の記録", "観察", "طيور", "पक्षी", "철새", "½", "—"]
TAGS = [
    "ringing", "birds", "migration", "BirdsOfX", "野鳥", "птицы", "citizenscience", "Vogelzug",
    "MigratoryBirds2021", "oiseaux", "nestbox", "warbler"]
LANGUAGES = ["en"] * 14 + ["es", "ja", "pt", "de", "fr", "ru", "und", "ar"]
SOURCES = ["Twitter for iPhone", "Twitter for Android", "Twitter Web App", "Twitter for iPad"]
SITES = [
    "The hut, by the reeds", "Helgoland", "Kabli, Eesti", "北海道", "Falsterbo \"fyr\"", "Ottenby",
    "Cape May, NJ", "somewhere up north", "Tarifa, España"]
NEWEST = datetime(2021, 5, 24)
ERROR = {
    "value": "1", "parameter": "referenced_tweets.id", "resource_type": "tweet",
    "resource_id": "1", "title": "Not Found Error",
    "detail": "Could not find tweet with referenced_tweets.id: [1].",
    "type": "https://api.twitter.com/2/problems/resource-not-found"}
PEOPLE = 20_000
FAMOUS = 3_000


def when(seconds_back):
    """A time as X writes it."""
    return f"{NEWEST - timedelta(seconds=seconds_back):%Y-%m-%dT%H:%M:%S}.000Z"


class World:
    """People, what they say, and what is said again and again."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.next_id = 1_396_600_000_000_000_000
        self.seconds_back = 0
        self.people = [self.person() for _ in range(PEOPLE)]
        self.famous = [self.post(self.anybody(), 10_000_000) for _ in range(FAMOUS)]

    # --- small things ----------------------------------------------------------------------------

    def chance(self, share):
        """True in so many cases."""
        return self.random.random() < share

    def many(self, shape):
        """A count: mostly small, now and then very large."""
        return int(self.random.paretovariate(shape)) - 1

    def code(self, length):
        """Letters and digits."""
        return "".join(self.random.choices(BASE62, k=length))

    def number(self):
        """An id of something that is no tweet."""
        return str(self.random.randrange(10**18, 14 * 10**17))

    def tweet_id(self):
        """The next id; the newest tweet comes first."""
        self.next_id -= self.random.randrange(1_000, 9_000_000_000)
        return str(self.next_id)

    def words(self, count):
        """Words, one in a dozen of them something else."""
        words = self.random.choices(WORDS, k=count)
        for _ in range(1 + count // 12):
            words[self.random.randrange(count)] = self.random.choice(SPICE)
        return words

    def anybody(self):
        """Some people write much more than others."""
        if self.chance(0.22):
            return self.people[int(self.random.paretovariate(0.5) * 20) % PEOPLE]
        return self.random.choice(self.people)

    # --- objects ---------------------------------------------------------------------------------

    def person(self):
        """A user."""
        draw, name = self.random, self.code(self.random.randint(5, 15))
        about = " ".join(self.words(draw.randint(3, 24)))
        person = {
            "id": self.number() if self.chance(0.5) else str(draw.randrange(10**6, 3 * 10**9)),
            "name": " ".join(self.words(2)),
            "username": name,
            "created_at": when(draw.randrange(10**6, 4 * 10**8)),
            "description": (about.replace(" ", "\n", 1) if self.chance(0.2) else about)[:160],
            "protected": False,
            "verified": self.chance(0.04),
            "profile_image_url":
                f"https://pbs.twimg.com/profile_images/{self.number()}/{self.code(8)}_normal.jpg",
            "public_metrics": {
                "followers_count": self.many(0.8) * 40, "following_count": draw.randrange(4_000),
                "tweet_count": draw.randrange(200_000), "listed_count": draw.randrange(400)},
            "url": "",
        }
        if self.chance(0.65):
            person["location"] = draw.choice(SITES)
        if self.chance(0.3):
            person["pinned_tweet_id"] = self.number()
        if self.chance(0.4):
            short = f"https://t.co/{self.code(10)}"
            person["url"] = short
            person["entities"] = {"url": {"urls": [{
                "start": 0, "end": 23, "url": short, "display_url": f"birds.example/{name}",
                "expanded_url": f"https://www.birds.example/{name}"}]}}
        return person

    def bare(self, author, seconds_back, text, about=None):
        """A tweet without what only some have."""
        draw, tweet_id = self.random, self.tweet_id()
        return {
            "id": tweet_id,
            "text": text,
            "author_id": author["id"],
            "conversation_id": about or tweet_id,
            "created_at": when(seconds_back),
            "lang": draw.choice(LANGUAGES),
            "source": draw.choice(SOURCES),
            "possibly_sensitive": self.chance(0.02),
            "reply_settings": "everyone",
            "edit_history_tweet_ids": [tweet_id],
            "edit_controls": {
                "edits_remaining": 5, "is_edit_eligible": self.chance(0.5),
                "editable_until": when(seconds_back - 1_800)},
            "public_metrics": {
                "retweet_count": self.many(0.9), "reply_count": self.many(1.4),
                "like_count": self.many(0.8), "quote_count": self.many(1.6)},
        }

    def link(self, text, short):
        """A link with or without what X found behind it."""
        draw = self.random
        slug = "-".join(draw.choices(WORDS, k=6))
        address = f"https://www.news.example/2021/05/{slug}-{draw.randrange(10**6)}.html"
        link = span(text, short) | {
            "url": short, "expanded_url": address, "display_url": f"news.example/2021/05/{slug[:5]}…"}
        if self.chance(0.5):
            image = f"https://pbs.twimg.com/news_img/{self.number()}/{self.code(8)}"
            link |= {
                "status": 200, "unwound_url": address,
                "title": " ".join(self.words(8)), "description": " ".join(self.words(18)),
                "images": [
                    {"url": f"{image}?format=jpg&name=orig", "width": 1200, "height": 630}]}
        return link

    def entities(self, text, tags, mentioned, links):
        """What X finds in a text."""
        found = {}
        if tags:
            found["hashtags"] = [span(text, f"#{tag}") | {"tag": tag} for tag in tags]
        if mentioned:
            found["mentions"] = [mention(text, person) for person in mentioned]
        if links:
            found["urls"] = [self.link(text, short) for short in links]
        if self.chance(0.35):
            found["annotations"] = [{
                "start": 3, "end": 9, "type": self.random.choice(["Place", "Person", "Other"]),
                "probability": round(self.random.uniform(0.3, 0.99), 4),
                "normalized_text": self.random.choice(SITES)}]
        return found

    def medium(self):
        """A photo, a video or an animated GIF."""
        kind, prefix = self.random.choice([("photo", 3)] * 3 + [("video", 7), ("animated_gif", 16)])
        medium = {
            "media_key": f"{prefix}_{self.number()}", "type": kind,
            "width": self.random.choice([720, 1080, 1200]), "height": 675}
        if kind == "photo":
            medium["url"] = f"https://pbs.twimg.com/media/{self.code(15)}.jpg"
        else:
            still = f"{self.number()}/pu/img/{self.code(16)}.jpg"
            medium["preview_image_url"] = f"https://pbs.twimg.com/ext_tw_video_thumb/{still}"
        if kind == "video":
            medium["duration_ms"] = self.random.randrange(2_000, 140_000)
            medium["public_metrics"] = {"view_count": self.random.randrange(10**6)}
        if self.chance(0.1):
            medium["alt_text"] = " ".join(self.words(10))
        return medium

    def poll(self, seconds_back):
        """A poll that has ended."""
        options = [
            {"position": at, "label": " ".join(self.words(2)), "votes": self.random.randrange(900)}
            for at in range(1, self.random.randint(3, 5))]
        return {
            "id": self.number(), "options": options, "duration_minutes": 1440,
            "voting_status": "closed", "end_datetime": when(seconds_back - 86_400)}

    def place(self):
        """A town."""
        name = self.random.choice(SITES)
        west, south = self.random.uniform(-120, 120), self.random.uniform(-60, 60)
        return {
            "id": f"{self.random.getrandbits(64):016x}", "full_name": name, "name": name,
            "place_type": "city", "country": "Suomi", "country_code": "FI",
            "geo": {"type": "Feature", "properties": {}, "bbox": [
                round(west, 6), round(south, 6), round(west + 0.2, 6), round(south + 0.1, 6)]}}

    def post(self, author, seconds_back, answered=None):
        """A tweet that says something; answered: the tweet to which, and by whom."""
        draw = self.random
        people = [self.anybody() for _ in range(draw.choice([0, 0, 0, 1, 1, 2]))]
        if answered:
            people.insert(0, answered.author)
        tags = draw.sample(TAGS, draw.choice([0, 0, 1, 1, 2, 3]))
        said = self.words(draw.randint(5, 32))
        for _ in range(draw.choice([0, 0, 1, 2])):
            said.insert(draw.randrange(len(said)), draw.choice(["\n", "\n\n", "\"so\""]))
        links = [f"https://t.co/{self.code(10)}"] if self.chance(0.3) else []
        parts = [f"@{person['username']}" for person in people] + said
        text = " ".join(parts + [f"#{tag}" for tag in tags] + links)
        tweet = self.bare(author, seconds_back, text, answered and answered.tweet["conversation_id"])
        entities = self.entities(text, tags, people, links)
        if entities:
            tweet["entities"] = entities
        post = Post(tweet, author, people)
        self.attach(post, seconds_back)
        return post

    def attach(self, post, seconds_back):
        """Photos, a poll, a place."""
        if self.chance(0.25):
            post.media = [self.medium() for _ in range(self.random.choice([1, 1, 1, 2, 4]))]
            keys = [medium["media_key"] for medium in post.media]
            post.tweet["attachments"] = {"media_keys": keys}
        elif self.chance(0.01):
            post.polls = [self.poll(seconds_back)]
            post.tweet["attachments"] = {"poll_ids": [post.polls[0]["id"]]}
        if self.chance(0.02):
            post.places = [self.place()]
            post.tweet["geo"] = {"place_id": post.places[0]["id"]}

    # --- pages -----------------------------------------------------------------------------------

    def earlier(self, famous_share):
        """A post to react to."""
        if self.chance(famous_share):
            return self.random.choice(self.famous)
        return self.post(self.anybody(), self.seconds_back + self.random.randrange(1, 90_000))

    def retweet(self, author):
        """A retweet: X cuts its text at 140 characters, and gives few of its entities."""
        original = self.earlier(0.6)
        text = f"RT @{original.author['username']}: {original.tweet['text']}"
        tweet = self.bare(author, self.seconds_back, text if len(text) <= 140 else text[:139] + "…")
        counts = original.tweet["public_metrics"] | dict.fromkeys(
            ("reply_count", "like_count", "quote_count"), 0)
        entities = {"mentions": [mention(text, original.author)]}
        for kind, share in ("hashtags", 0.7), ("urls", 0.4):
            found = original.tweet.get("entities", {}).get(kind)
            if found and self.chance(share):
                entities[kind] = found
        tweet |= {
            "public_metrics": counts, "entities": entities,
            "referenced_tweets": [{"type": "retweeted", "id": original.tweet["id"]}]}
        return Post(tweet, author, [original.author], [original])

    def reply(self, author):
        """A reply; what it answers may be gone."""
        answered = self.earlier(0.5)
        post = self.post(author, self.seconds_back, answered)
        post.tweet["in_reply_to_user_id"] = answered.author["id"]
        post.refer("replied_to", answered, is_there=self.chance(0.92))
        return post

    def own(self, author):
        """A post of one's own, which may quote another."""
        post = self.post(author, self.seconds_back)
        if self.chance(0.3):
            post.refer("quoted", self.random.choice(self.famous), is_there=True)
        return post

    def page(self, number, of, per_page):
        """One answer of X."""
        page, posts = Includes(), []
        for _ in range(per_page):
            self.seconds_back += self.random.choice([0, 0, 0, 1, 1, 2])
            kind = self.random.random()
            make = self.retweet if kind < 0.6 else self.reply if kind < 0.78 else self.own
            posts.append(make(self.anybody()))
            page.add(posts[-1])
        meta = {
            "newest_id": posts[0].tweet["id"], "oldest_id": posts[-1].tweet["id"],
            "result_count": len(posts)}
        if number + 1 < of:
            meta["next_token"] = f"mistnet{number + 1:029}"
        return {
            "data": [post.tweet for post in posts], "includes": page.value(), "errors": [ERROR],
            "meta": meta}


class Post:
    """A tweet, and what comes along with it."""

    def __init__(self, tweet, author, people=(), referenced=()):
        self.tweet, self.author = tweet, author
        self.people, self.referenced = list(people), list(referenced)
        self.media, self.polls, self.places = [], [], []

    def refer(self, kind, other, *, is_there):
        """Refers to another post."""
        self.tweet["referenced_tweets"] = [{"type": kind, "id": other.tweet["id"]}]
        if is_there:
            self.referenced.append(other)
            self.people.append(other.author)


class Includes:
    """What belongs to the tweets of a page, each once."""

    def __init__(self):
        self.users, self.tweets, self.media, self.polls, self.places = {}, {}, {}, {}, {}

    def add(self, post):
        """What belongs to a tweet."""
        self.users |= {person["id"]: person for person in [post.author, *post.people]}
        self.tweets |= {other.tweet["id"]: other.tweet for other in post.referenced}
        self.media |= {medium["media_key"]: medium for medium in post.media}
        self.polls |= {poll["id"]: poll for poll in post.polls}
        self.places |= {place["id"]: place for place in post.places}

    def value(self):
        """As X sends it: kinds that there are none of are missing."""
        return {kind: list(found.values()) for kind, found in vars(self).items() if found}


def span(text, part):
    """Where a part of a text is."""
    start = max(text.find(part), 0)
    return {"start": start, "end": start + len(part)}


def mention(text, person):
    """A person in a text."""
    name = person["username"]
    return span(text, f"@{name}") | {"username": name, "id": person["id"]}


def write(pages, out, seed=7, per_page=500):
    """Writes pages to a file."""
    world = World(seed)
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with open(out, "w", encoding="utf-8") as file:
        for number in range(pages):
            file.write(encode(world.page(number, pages, per_page)) + "\n")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", type=int)
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--per-page", type=int, default=500)
    write(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
