"""twarc2, unmodified, sent to the simulator instead of to X."""

import datetime
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from twarc.client2 import Twarc2

FLOOR = "2006-03-21T00:00:00Z"


def moment(text):
    """A time as X writes it."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class ToSimulator(HTTPAdapter):
    """Sends what is meant for X's host to the simulator."""

    def __init__(self, url):
        super().__init__()
        self.host = urlsplit(url).netloc

    def send(self, request, **options):
        """Changes the host, and nothing else."""
        request.url = urlsplit(request.url)._replace(scheme="http", netloc=self.host).geturl()
        return super().send(request, **options)


class RedirectedTwarc(Twarc2):
    """twarc2 whose every session goes to the simulator."""

    def __init__(self, simulator):
        self.simulator = simulator
        super().__init__(bearer_token="simulated")

    def connect(self):
        """twarc makes its session here, again after each connection error."""
        super().connect()
        self.client.mount("https://", ToSimulator(self.simulator.url))


def twarc_search(simulator, **options):
    """The archive by twarc2; it sleeps 1.05 s after each page by itself."""
    twarc, query = RedirectedTwarc(simulator), f"#{simulator.hashtag}"
    return list(twarc.search_all(query, start_time=moment(FLOOR), **options))
