"""`mistnet up` with an API key, and a visitor in Chromium, who is asked for it.

Starts a collection, pauses it, and hands the address to browser_key.mjs.
"""

import subprocess
import sys
from pathlib import Path

from rig import Process, Simulator, empty_folder, fetch, testify

KEY = "a-key-of-the-witness-0123456789abcdef"


def main():
    """All of it."""
    folder = empty_folder("browser_key")
    with Simulator(folder, seed=22, tweets=50_000, hashtag="rustlang") as simulator:
        environment = {
            "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
            "MISTNET_STORE": str(folder / "data"), "MISTNET_QUEUE": f"sqlite:{folder}/queue.db",
            "MISTNET_LISTEN": "127.0.0.1:0", "MISTNET_API_KEY": KEY}
        with Process("up", ["up"], folder, environment.items()) as up:
            url, shown = up.address(), {"X-API-Key": KEY}.items()
            wish = {"hashtag": "#rustlang", "num_results": 20_000}
            started = fetch(f"{url}/api/v1/collections", wish, headers=shown)
            collection = started["collection"]
            fetch(f"{url}/api/v1/collections/{collection}/pause", {}, headers=shown)
            script = Path(__file__).with_suffix(".mjs")
            visit = subprocess.run(["node", script, url, KEY, collection], check=False)
            sys.exit(visit.returncode)


if __name__ == "__main__":
    testify(main)
