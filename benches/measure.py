"""Measures mistnet beside its peers: whole processes, from an input file to an output file.

All tools run one after the other on the same pages, round after round, each round in another order,
so that whatever else the machine does hits all alike. Figures are medians over the rounds; ratios
are medians of the ratios within a round. CPU is user and system time of the process and its threads,
memory the peak of its resident set, both as wait4(2) tells them. The page cache is warm.

It prints tables with the goals beside what was measured; --write puts them into
docs/performance.md. scripts/bench builds the program and starts this; needs MISTNET_BIN, Linux.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tests" / "witness"))

import pages as generator  # noqa: E402 (the path has to be set first)
import pipeline  # noqa: E402
import report  # noqa: E402
from rig import BINARY, TARGET  # noqa: E402

WORK = TARGET / "bench"
PER_PAGE = 500


class Run(NamedTuple):
    """What one process took."""
    cpu: float
    wall: float
    mib: float


class Tool(NamedTuple):
    """A program and what it writes."""
    name: str
    writes: str
    command: object  # (pages, out) -> arguments
    ending: str
    beside: str = ""  # ours that does the same
    rounds: int = 99
    files: int = 1  # how many times the input is read, and written


# --- tools ---------------------------------------------------------------------------------------

def environment(name, requirements):
    """A Python environment in target/tools, as scripts/test keeps them."""
    folder, wanted = TARGET / "tools" / name, requirements.read_bytes()
    noted = folder / "requirements.txt"
    if not noted.is_file() or noted.read_bytes() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([
            folder / "bin" / "python", "-m", "pip", "install", "--quiet",
            "--disable-pip-version-check", "--requirement", requirements], check=True)
        noted.write_bytes(wanted)
    return folder / "bin"


def ours(ending, profile, threads):
    """`mistnet convert`."""
    has_columns = not ending.startswith("jsonl")
    what = f"{ending} {profile}" if has_columns else ending
    plural = "thread" if threads == 1 else "threads"
    return Tool(
        f"mistnet {what}, {threads} {plural}", what,
        lambda pages, out: [
            BINARY, "convert", pages, out, "--profile", profile, "--threads", str(threads)],
        ending)


def two_processes(ending):
    """Two of one thread at the same time: what this machine's two cores give at best."""
    script = (
        'second="${2%.*}-second.${2##*.}"; "$0" convert "$1" "$2" --threads 1 & other=$!;'
        ' "$0" convert "$1" "$second" --threads 1 && wait $other; status=$?;'
        ' rm -f "$second"; exit $status')
    return Tool(
        f"mistnet {ending} full, 2 processes", f"{ending} full",
        lambda pages, out: ["/bin/sh", "-c", script, BINARY, pages, out], ending, files=2)


def peer(name, tool, ending, python, beside, rounds=99):
    """A tool of peers.py."""
    columns = "every field" if tool.endswith("-all") else "25 columns"
    return Tool(
        name, f"{ending}, {columns}",
        lambda pages, out: [python, HERE / "peers.py", tool, pages, out], ending, beside, rounds)


def tools():
    """Everything that is measured side by side."""
    python = environment("bench", HERE / "requirements.txt") / "python"
    twarc = environment("twarc-csv", ROOT / "tests" / "witness" / "requirements-twarc-csv.txt")
    kinds = [
        ("csv", "original"), ("csv", "full"), ("csv", "twarc"), ("jsonl", "full"),
        ("jsonl.zst", "full"), ("parquet", "original"), ("parquet", "full")]
    mine = []
    for ending, profile in kinds:
        mine += [ours(ending, profile, threads) for threads in (1, 2)]
        if (ending, profile) in (("csv", "full"), ("parquet", "full")):
            mine.append(two_processes(ending))
    original, full = "mistnet csv original, 1 thread", "mistnet parquet full, 1 thread"
    return mine + [
        peer("DuckDB 2.0.0", "duckdb", "csv", python, original),
        peer("DuckDB 2.0.0", "duckdb", "parquet", python, full),
        peer("DuckDB 2.0.0", "duckdb-all", "parquet", python, full),
        peer("orjson 3.13.0 + csv", "orjson", "csv", python, original),
        peer("orjson + polars 2.1.0", "polars", "csv", python, original, 3),
        peer("orjson + polars 2.1.0", "polars", "parquet", python, full, 3),
        Tool(
            "twarc2 csv (twarc-csv 0.7.2, pandas 2.3.3)", "csv, 84 columns",
            lambda pages, out: [twarc / "twarc2", "csv", pages, out], "csv",
            "mistnet csv twarc, 1 thread", 3)]


# --- running -------------------------------------------------------------------------------------

def run(command, log):
    """Runs a process, and returns what it took."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MISTNET_")}
    # What twarc2 writes elsewhere stays with the rest; it wants a token, and asks nobody.
    kept |= {"HOME": str(WORK), "BEARER_TOKEN": "none"}
    noted = WORK / "run.json"
    launcher = [sys.executable, "-I", "-S", HERE / "launch.py", noted, log, WORK]
    done = subprocess.run([*launcher, *map(str, command)], env=kept, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}; see {log}")
    cpu, wall, kib = json.loads(noted.read_text(encoding="ascii"))
    return Run(cpu, wall, kib / 1024)


def output(tool):
    """Where a tool writes."""
    path = WORK / f"out.{tool.ending}"
    path.unlink(missing_ok=True)
    return path


def side_by_side(all_tools, pages, rounds):
    """Every tool in every round; the runs of each, by the number of the round."""
    runs = {(tool.name, tool.writes): {} for tool in all_tools}
    for number in range(rounds):
        shift = number * len(all_tools) // rounds
        for tool in all_tools[shift:] + all_tools[:shift]:
            if number >= tool.rounds:
                continue
            out = output(tool)
            done = run(tool.command(pages, out), WORK / "log")
            runs[tool.name, tool.writes][number] = done
            print(f"  round {number + 1}: {tool.name} -> {tool.writes}: {done.cpu:.2f} CPU s,"
                  f" {done.wall:.2f} s, {done.mib:.0f} MiB", file=sys.stderr, flush=True)
            if number == 0 and tool.ending == "csv":
                check_rows(tool, pages, out)
            out.unlink()
    return runs


def check_rows(tool, pages, out):
    """Who leaves out rows is not measured."""
    with open(out, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        at = next(rows).index("id")
        ids = {row[at] for row in rows}
    with open(pages, "rb") as lines:
        wanted = sum(1 for _ in lines) * PER_PAGE
    if len(ids) != wanted:
        sys.exit(f"{tool.name} wrote {len(ids)} ids of {wanted}")


def pages_file(count):
    """A file with so many pages, made if it is not there."""
    path = WORK / f"pages-{count}.jsonl"
    if not path.is_file():
        print(f"making {count} pages", file=sys.stderr, flush=True)
        half = path.with_suffix(".part")
        generator.write(count, half)
        half.rename(path)
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass
    return path


# --- steps ---------------------------------------------------------------------------------------

def measure_convert(options):
    """Side by side."""
    pages, all_tools = pages_file(options.pages), tools()
    runs = side_by_side(all_tools, pages, options.rounds)
    return report.convert(all_tools, runs, options.pages * PER_PAGE, pages.stat().st_size)


def measure_memory(options):
    """The same conversion of few and of many pages."""
    kinds = [
        (ours(ending, "full", threads), most)
        for ending, most in (("csv", 48), ("jsonl", 48), ("jsonl.zst", 48), ("parquet", 160))
        for threads in (1, 2)]
    peaks = {tool.name: {} for tool, _ in kinds}
    for count in options.sizes:
        pages = pages_file(count)
        for tool, _ in kinds:
            out = output(tool)
            peaks[tool.name][count] = run(tool.command(pages, out), WORK / "log").mib
            print(f"  {count} pages: {tool.name}: {peaks[tool.name][count]:.1f} MiB",
                  file=sys.stderr, flush=True)
            out.unlink()
    return report.memory(kinds, peaks)


def measure_steps(options):
    """One core, in memory, by criterion."""
    environment_of_it = {**os.environ, "MISTNET_BENCH_PAGES": str(pages_file(options.pages))}
    # Whether it lies in benches/target or elsewhere must not depend on where this was started.
    environment_of_it["CARGO_TARGET_DIR"] = str(TARGET)
    quick = ["--warm-up-time", "0.5", "--measurement-time", "2"] if options.quick else []
    subprocess.run([
        "cargo", "bench", "--quiet", "--locked", "--profile", "dist", "--manifest-path",
        HERE / "Cargo.toml", "--bench", "steps", "--", "--noplot", *quick],
        check=True, env=environment_of_it, stdout=sys.stderr)
    return report.steps(TARGET / "criterion" / "steps")


def measure_pipeline(options):
    """X, sender, queue, receiver, folder: with pages that were made before, and with the simulator."""
    count = 20 if options.quick else 200
    pages = pages_file(count)
    return report.pipeline([
        middle_run(options, lambda folder: pipeline.simulated(folder, count)),
        middle_run(options, lambda folder: pipeline.canned(folder, pages, PER_PAGE))])


def middle_run(options, start):
    """The median of three runs."""
    runs = [pipeline.measure(WORK / "pipeline", start) for _ in range(min(options.rounds, 3))]
    return sorted(runs, key=lambda one: one.seconds)[len(runs) // 2]


STEPS = {
    "convert": measure_convert, "memory": measure_memory, "steps": measure_steps,
    "pipeline": measure_pipeline}


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few pages, two rounds")
    parser.add_argument("--pages", type=int, help="pages of 500 tweets [default: 200; quick: 20]")
    parser.add_argument("--rounds", type=int, help="[default: 5; quick: 2]")
    parser.add_argument("--only", help=f"some of {','.join(STEPS)}")
    parser.add_argument("--write", action="store_true", help="put it into docs/performance.md")
    options = parser.parse_args()
    options.pages = options.pages or (20 if options.quick else 200)
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.sizes = [5, 20] if options.quick else [20, 200, 2_000]
    options.only = options.only.split(",") if options.only else list(STEPS)
    if unknown := set(options.only) - set(STEPS):
        parser.error(f"unknown: {', '.join(unknown)}")
    return options


def main():
    """Measures, and tells."""
    options = parse_arguments()
    WORK.mkdir(parents=True, exist_ok=True)
    sections = [STEPS[step](options) for step in options.only]
    text = report.document(sections, options)
    print(text)
    if options.write:
        report.write(text)


if __name__ == "__main__":
    main()
