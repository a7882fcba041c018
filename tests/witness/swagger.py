"""`mistnet simulate x` and `mistnet up`, as in the README, and a visitor in Chromium.

Starts both, hands the address to swagger.mjs, and waits until the collection that was asked for
in the browser is a dataset. The screenshots stay in target/witness/screenshots.
"""

import subprocess
import sys
from pathlib import Path

from rig import TARGET, Process, Simulator, check_manifest, claim, empty_folder, testify, until


def main():
    """All of it."""
    folder, screenshots = empty_folder("swagger"), TARGET / "witness" / "screenshots"
    screenshots.mkdir(exist_ok=True)
    with Simulator(folder, seed=21, tweets=50_000, hashtag="rustlang") as simulator:
        environment = {
            "X_BEARER_TOKEN": "simulated", "MISTNET_X_API_URL": simulator.url,
            "MISTNET_STORE": str(folder / "data"), "MISTNET_QUEUE": f"sqlite:{folder}/queue.db",
            "MISTNET_LISTEN": "127.0.0.1:0"}
        with Process("up", ["up"], folder, environment.items()) as up:
            script = Path(__file__).with_suffix(".mjs")
            visit = subprocess.run(["node", script, up.address(), screenshots], check=False)
            if visit.returncode != 0:
                sys.exit(visit.returncode)
            found = until(lambda: list((folder / "data").glob("*/manifest.json")), 60,
                          "the collection of the browser is complete")
            rows = check_manifest(found[0].parent)["rows"]
            claim(rows == 30, "the collection that the browser asked for is a dataset of 30 rows")


if __name__ == "__main__":
    testify(main)
