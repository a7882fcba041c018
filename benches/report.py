"""Tables of what was measured, with the goals beside it."""

import json
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "performance.md"
MARK = "<!-- scripts/bench --write replaces everything below -->\n"


def table(header, rows):
    """A table in Markdown; every column but the first is of numbers."""
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


class Goal:
    """A goal, and how far it was met."""

    def __init__(self, text, measured, wanted, *, at_most=False, shown="{:.1f}×"):
        self.text, self.shown = text, shown.format(measured)
        self.met = measured <= wanted if at_most else measured >= wanted

    def row(self):
        """Its row in a table."""
        return [self.text, self.shown, "yes" if self.met else "**no**"]


def goals(found):
    """The table of goals."""
    return table(["goal", "measured", "met"], [goal.row() for goal in found])


# --- convert -------------------------------------------------------------------------------------

def middle(runs, of):
    """The median of one figure."""
    return median(of(run) for run in runs.values())


def ratio(runs, beside, of):
    """The median of the ratios in the rounds in which both ran."""
    return median(of(run) / of(beside[number]) for number, run in runs.items())


def cpu(run):
    """CPU seconds of a run."""
    return run.cpu


def wall(run):
    """Seconds that a run took."""
    return run.wall


def convert(tools, runs, tweets, size):
    """All tools side by side."""
    by_name = {tool.name: runs[tool.name, tool.writes] for tool in tools if not tool.beside}
    rows = []
    for tool in tools:
        own = runs[tool.name, tool.writes]
        seconds = middle(own, cpu)
        more = f"{ratio(own, by_name[tool.beside], cpu):.1f}×" if tool.beside else ""
        rows.append([
            tool.name, tool.writes, f"{seconds:.2f}", f"{tool.files * tweets / seconds:,.0f}",
            f"{middle(own, wall):.2f}", f"{middle(own, lambda run: run.mib):.0f}", more])
    header = [
        "tool", "writes", "CPU s", "tweets/s of CPU", "wall s", "peak MiB", "CPU beside mistnet"]
    met = goals(convert_goals(tools, runs, by_name))
    return (
        f"### Files: {tweets:,} tweets, {size / 1e6:.0f} MB of pages\n\n{table(header, rows)}\n"
        "The last column compares with mistnet on one thread: peers of 25 columns with"
        f" `csv original` and `parquet full`, twarc with `csv twarc`.\n\n{met}")


def convert_goals(tools, runs, by_name):
    """What issue and documents promise."""
    def peer(name, writes):
        return next(
            runs[tool.name, tool.writes] for tool in tools
            if tool.name.startswith(name) and tool.writes.startswith(writes))

    def mine(what, threads=1):
        return by_name[f"mistnet {what}, {threads} thread{'s' * (threads > 1)}"]

    def two(ending):
        one = mine(f"{ending} full")
        processes = 2 * ratio(one, by_name[f"mistnet {ending} full, 2 processes"], wall)
        return Goal(
            f"{'CSV' if ending == 'csv' else 'Parquet'} `full`: 1.7× faster with two threads"
            f" (two processes get {processes:.2f}× done)",
            ratio(one, mine(f"{ending} full", 2), wall), 1.7, shown="{:.2f}×")
    duck_csv, duck_parquet = peer("DuckDB", "csv"), peer("DuckDB", "parquet, 25")
    duck_all = peer("DuckDB", "parquet, every")
    return [
        Goal("CSV `original`: 6× less CPU than DuckDB",
             ratio(duck_csv, mine("csv original"), cpu), 6),
        Goal("CSV `twarc`: 100× less CPU than twarc2 csv",
             ratio(peer("twarc2", "csv"), mine("csv twarc"), cpu), 100),
        Goal("Parquet `full`: 4× less CPU than DuckDB with its 25 columns",
             ratio(duck_parquet, mine("parquet full"), cpu), 4),
        Goal("Parquet, 25 columns on both sides: 4× less CPU than DuckDB",
             ratio(duck_parquet, mine("parquet original"), cpu), 4),
        Goal("Parquet, every field on both sides: 4× less CPU than DuckDB",
             ratio(duck_all, mine("parquet full"), cpu), 4),
        two("csv"),
        two("parquet"),
    ]


# --- the others ----------------------------------------------------------------------------------

def memory(kinds, peaks):
    """Peaks by the number of pages."""
    sizes = list(next(iter(peaks.values())))
    rows, found, growth = [], [], {}
    for tool, most in kinds:
        own = peaks[tool.name]
        rows.append([tool.name, *(f"{own[size]:.1f}" for size in sizes)])
        found.append(Goal(f"{tool.name}: at most {most} MiB", max(own.values()), most,
                          at_most=True, shown="{:.1f} MiB"))
        kind = "Parquet" if tool.ending == "parquet" else "text"
        group = f"{kind},{tool.name.partition(',')[2]}"
        growth.setdefault(group, []).append(max(own.values()) / min(own.values()) - 1)
    for group, grown in growth.items():
        found.append(Goal(
            f"{group}: the same within 10 % at {', '.join(f'{size:,}' for size in sizes)} pages",
            100 * max(grown), 10, at_most=True, shown="{:+.1f} %"))
    header = ["peak MiB at", *(f"{size:,} pages" for size in sizes)]
    return f"### Memory\n\n{table(header, rows)}\n{goals(found)}"


def steps(folder):
    """What criterion has noted."""
    rates = {}
    for noted in sorted(folder.glob("*/new/benchmark.json")):
        what = json.loads(noted.read_text(encoding="utf-8"))
        estimates = json.loads((noted.parent / "estimates.json").read_text(encoding="utf-8"))
        nanoseconds = estimates["median"]["point_estimate"]
        rates[what["function_id"]] = what["throughput"]["Elements"] * 1e9 / nanoseconds
    rows = [[name, f"{rate:,.0f}"] for name, rate in sorted(rates.items(), key=lambda x: -x[1])]
    whole = Goal(
        "pages in memory to CSV `original`: 300,000 tweets/s on one core",
        rates["page to csv original"], 300_000, shown="{:,.0f}")
    return f"### Steps in memory, one core\n\n{table(['step', 'tweets/s'], rows)}\n{goals([whole])}"


def pipeline(runs):
    """Processes, and how fast they are together; the first run is the one that counts."""
    rows = [
        [f"{run.rows:,} tweets in {run.seconds:.2f} s: {name}", f"{seconds:.2f}", f"{mib:.1f}"]
        for run in runs for name, (seconds, mib) in run.processes.items()]
    best = runs[0]
    found = [Goal("50,000 tweets/s", best.rows / best.seconds, 50_000, shown="{:,.0f} tweets/s")]
    for name in ("sender", "receiver"):
        most = max(run.processes[name][1] for run in runs)
        found.append(
            Goal(f"the {name}: at most 64 MiB", most, 64, at_most=True, shown="{:.1f} MiB"))
    return (
        "### The pipeline: X without limits, sender, SQLite queue, receiver, folder\n\n"
        f"{table(['process', 'CPU s', 'peak MiB'], rows)}\n"
        "The simulator computes every tweet when it is asked for; `canned` is X with pages that were"
        f" made beforehand. Goals are judged by the simulator.\n\n{goals(found)}")


# --- the document --------------------------------------------------------------------------------

def said(*command):
    """The first line of what a program says."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip().partition("\n")[0]


def machine():
    """What it was measured on."""
    def first(path, pattern):
        found = re.search(pattern, Path(path).read_text(encoding="utf-8"), re.MULTILINE)
        return found.group(1) if found else "unknown"
    processor = first("/proc/cpuinfo", r"^model name\s*: (.+)$")
    gib = int(first("/proc/meminfo", r"^MemTotal:\s*(\d+)")) / 2**20
    return (
        f"{len(os.sched_getaffinity(0))} cores of {processor}, {gib:.0f} GiB,"
        f" Linux {platform.release()}, {said('rustc', '--version')}, Python"
        f" {platform.python_version()}")


def document(sections, options):
    """All sections under a heading that says where and when."""
    commit = said("git", "rev-parse", "--short", "HEAD") or "unknown"
    how = f"{options.pages} pages, {options.rounds} rounds{', --quick' if options.quick else ''}"
    head = f"Measured {datetime.now(UTC):%Y-%m-%d} at {commit} on {machine()}. {how}."
    return f"## Results\n\n{head}\n\n" + "\n".join(sections)


def write(text):
    """Puts it into the document."""
    before = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0]
    DOCUMENT.write_text(before + MARK + "\n" + text, encoding="utf-8")
