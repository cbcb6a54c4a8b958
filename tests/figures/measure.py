#!/usr/bin/env python3
"""What the app costs on a screen, beside the smallest Slint window and, if asked for, beside Chromium.

One command builds the release program, opens screens of its own (Xvfb) at 720p and 1080p, runs all programs in turn,
so that a busy machine is busy for each of them, and prints a table of medians: ours, the floor, the ratio, the target.
It ends with 1 if a target is missed.

    apt-get install xvfb python3-xlib            # and chromium, for --chromium
    /usr/bin/python3 tests/figures/measure.py

With --packages it makes those of devices too (cross/deb) and tells how large they are.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys

from books import can_tell_what_wakes
from screen import Chromium, Program, Screen

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
CPR = "6701901234"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", help="where the programs are",
                        default=os.path.join(os.environ.get("CARGO_TARGET_DIR", f"{ROOT}/target"), "release"))
    parser.add_argument("--no-build", action="store_true", help="measure what is there")
    parser.add_argument("--runs", type=int, default=15, help="starts of each program")
    parser.add_argument("--quiet-seconds", type=int, default=30, help="how long a screen is watched that stands still")
    parser.add_argument("--chromium", action="store_true", help="compare with it too")
    parser.add_argument("--packages", default="", metavar="ARCH,…", help="make these and weigh them: aarch64,x86_64")
    parser.add_argument("--verbose", action="store_true", help="tell of each start")
    parser.add_argument("--sizes", default="720p,1080p")
    options = parser.parse_args()
    if not can_tell_what_wakes():
        print("Wake-ups are counted of all threads, as what causes them is told to root alone (in tracefs, mounted at "
              "/sys/kernel/tracing).", file=sys.stderr)
    if not options.no_build:
        build = ["cargo", "build", "--release", "--features", "figures", "--bins", "--example", "bare"]
        subprocess.run(build, cwd=ROOT, check=True)
    flexlogin = os.path.join(options.target, "flexlogin")
    bare = os.path.join(options.target, "examples/bare")
    broker = subprocess.Popen([flexlogin, "broker"], stdout=subprocess.PIPE, text=True)
    table = Table()
    try:
        config = json.loads(broker.stdout.readline())["config_file"]
        ours = Program("ours", [flexlogin, "desktop", "--config", config])
        others = [Program("bare", [bare])] + ([Chromium()] if options.chromium else [])
        for size in options.sizes.split(","):
            measure_starts(size, ours, others, options, table)
            measure_rest(size, ours, Program("bare", [bare, "counts"]), options.quiet_seconds, table)
    finally:
        broker.send_signal(signal.SIGTERM)
        broker.wait()
    size = os.path.getsize
    table.add("program with a window and the simulator, MB", size(flexlogin) / 1e6, "bare Slint", size(bare) / 1e6)
    for arch in filter(None, options.packages.split(",")):
        measure_package(arch, table)
    table.print()
    sys.exit(0 if table.is_met else 1)


def measure_starts(size, ours, others, options, table):
    programs = [ours, *others]
    starts = {program.name: [] for program in programs}
    for program in programs:
        # Its picture is another one at another size.
        program.points = program.answer = None
    for run in range(options.runs + 1):
        for program in programs:
            with Screen(SIZES[size]) as screen:
                figures = screen.start(program)
            if options.verbose:
                print(size, program.name, figures, file=sys.stderr)
            if run:  # the first run of each warms the page cache and shows what there is to see
                starts[program.name].append(figures)

    def median(program, figure):
        return statistics.median(figures[figure] for figures in starts[program.name])

    targets = {"bare": ("bare Slint", 1.5, None), "chromium": ("Chromium", 1 / 20, 1 / 12)}
    for other in others:
        name, of_frame, of_memory = targets[other.name]
        table.add(f"exec to a frame that takes a key, ms, {size}", median(ours, "frame"), name, median(other, "frame"),
                  ratio=of_frame)
        at_most = 32 if size == "1080p" else None
        table.add(f"memory (PSS) without pictures of the screen, MiB, {size}", median(ours, "memory"), name,
                  median(other, "memory"), ratio=of_memory, at_most=at_most)
        table.add(f"memory (PSS), MiB, {size}", median(ours, "all memory"), name, median(other, "all memory"))
        if other.takes_keys:
            table.add(f"key to frame, ms, {size}", median(ours, "key"), name, median(other, "key"))
    table.add(f"key to frame, ms, {size}", median(ours, "key"), "one frame", 1000 / 60)


def measure_rest(size, ours, counting, seconds, table):
    """What nobody touches. Where seconds are counted, a redraw takes what the window system makes of it, and that is
    the floor; the app may add to it what it may add to the one wake-up of a redraw on a display of its own."""
    with Screen(SIZES[size]) as screen:
        idle = screen.watch(ours, None, seconds)
    table.add(f"changes of the picture a second, idle, {size}", idle["frames"], "", 0, at_most=0)
    table.add(f"wake-ups a second, idle, {size}", idle["wakes"], "", 0, at_most=0.1)
    with Screen(SIZES[size]) as screen:
        floor = screen.watch(counting, None, seconds)
    with Screen(SIZES[size]) as screen:
        waiting = screen.watch(ours, CPR, seconds)
    if min(waiting["frames"], floor["frames"]) < 0.5:
        raise SystemExit("a screen that counts seconds did not count")
    name = "bare Slint that counts"
    table.add(f"changes of the picture a second, waiting, {size}", waiting["frames"], name, floor["frames"])
    table.add(f"wake-ups a second, waiting, {size}", waiting["wakes"], name, floor["wakes"], above=0.3)
    if can_tell_what_wakes():
        table.add(f"… by answers of the X server, {size}", waiting["answers"], name, floor["answers"])


def measure_package(arch, table):
    made = subprocess.run([os.path.join(ROOT, "cross/deb"), arch], stdout=subprocess.PIPE, text=True, check=True).stdout
    program, largest = map(int, re.search(r"^program: (\d+) bytes, at most (\d+)", made, re.MULTILINE).groups())
    table.add(f"program of a device, MB, {arch}", program / 1e6, at_most=largest / 1e6)
    package, = re.search(r"^package: (\d+) bytes", made, re.MULTILINE).groups()
    table.add(f"package of a device, MB, {arch}", int(package) / 1e6)


class Table:
    def __init__(self):
        self.rows, self.is_met = [], True

    def add(self, metric, ours, floor_name="", floor=None, ratio=None, at_most=None, above=None):
        targets = []
        met = True
        if ratio is not None:
            targets.append(f"≤ {ratio:g} ×" if ratio >= 1 else f"≤ 1/{1 / ratio:.0f}")
            met &= ours <= ratio * floor
        if at_most is not None:
            targets.append(f"≤ {at_most:g}")
            met &= ours <= at_most
        if above is not None:
            targets.append(f"≤ floor + {above:g}")
            met &= ours <= floor + above
        self.is_met &= met
        verdict = "" if not targets else "met" if met else "MISSED"
        ratio_told = f"{ours / floor:.2f}" if floor else ""
        floor_told = "" if floor is None else f"{floor:.2f} {floor_name}".strip()
        self.rows.append((metric, f"{ours:.2f}", floor_told, ratio_told,
                          ", ".join(targets), verdict))

    def print(self):
        head = ("metric", "ours", "floor", "ratio", "target", "")
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(len(head))]
        for row in [head, tuple("-" * width for width in widths), *self.rows]:
            print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip(" |"))


if __name__ == "__main__":
    main()
