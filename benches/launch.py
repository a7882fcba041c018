"""Runs one process, and writes what it took as JSON: CPU seconds, wall seconds, peak KiB.

Linux keeps the peak of a process over exec(2): a child shows at least what its parent had when it
was started. So the parent is this, which has some 9 MiB.

Usage: python3 -I -S launch.py REPORT LOG FOLDER PROGRAM ARGUMENT...
"""

import os
import sys
import time


def main():
    """Starts, waits, and tells; the exit code is that of the process."""
    report, log, folder, *command = sys.argv[1:]
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in (null, 0), (out, 1), (out, 2):
            os.dup2(source, target)
        os.chdir(folder)
        try:
            os.execv(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - begin
    cpu = usage.ru_utime + usage.ru_stime
    with open(report, "w", encoding="ascii") as file:
        file.write(f"[{cpu:.4f}, {wall:.4f}, {usage.ru_maxrss}]")
    sys.exit(os.waitstatus_to_exitcode(status) % 256)


if __name__ == "__main__":
    main()
