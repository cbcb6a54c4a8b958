#!/usr/bin/env python3
"""Time from exec to the first frame, and memory a second later: the app beside a bare Slint window of the same size.

Needs an X display without a window manager (Xvfb will do) and python-xlib. Both programs run in turn, so that a busy
machine is busy for both.

    cargo build --release --features figures --bins --examples
    Xvfb :7 -screen 0 1280x720x24 & DISPLAY=:7 tests/figures/measure.py
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import time

from Xlib import X, display


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default=os.path.join(here, "../../target/release"))
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    flexlogin = os.path.join(options.target, "flexlogin")
    bare = os.path.join(options.target, "examples/bare")
    broker = subprocess.Popen([flexlogin, "broker"], stdout=subprocess.PIPE, text=True)
    try:
        config = json.loads(broker.stdout.readline())["config_file"]
        commands = {"bare": [bare], "flexlogin": [flexlogin, "desktop", "--config", config]}
        screen = Screen()
        seen = {name: [] for name in commands}
        for run in range(options.runs + 1):
            for name, command in commands.items():
                figures = measure(screen, command)
                if run:  # the first run of each warms the page cache
                    seen[name].append(figures)
        report(seen, options.target)
    finally:
        broker.send_signal(signal.SIGTERM)
        broker.wait()


class Screen:
    """One pixel in the middle of the display tells when something is drawn."""

    def __init__(self):
        self.display = display.Display()
        self.root = self.display.screen().root
        size = self.root.get_geometry()
        self.middle = (size.width // 2, size.height // 2)

    def pixel(self):
        return self.root.get_image(*self.middle, 1, 1, X.ZPixmap, 0xFFFFFFFF).data


def measure(screen, command):
    empty = screen.pixel()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while screen.pixel() == empty:
        if process.poll() is not None:
            raise SystemExit(f"{command[0]} ended with {process.returncode} before its first frame")
        if time.perf_counter() - start > 30:
            raise SystemExit(f"{command[0]} drew nothing within 30 s")
    first_frame = time.perf_counter() - start
    time.sleep(1)
    figures = {"first frame ms": first_frame * 1000, **memory(process.pid)}
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=20)
    while screen.pixel() != empty:
        time.sleep(0.01)
    return figures


def memory(pid):
    found = {}
    with open(f"/proc/{pid}/smaps_rollup") as lines:
        for line in lines:
            name, _, rest = line.partition(":")
            if name in ("Rss", "Pss", "Private_Dirty"):
                found[f"{name} MiB"] = int(rest.split()[0]) / 1024
    return found


def report(seen, target):
    print(f"{'median of runs':16}" + "".join(f"{name:>12}" for name in seen) + f"{'ratio':>8}")
    for figure in seen["bare"][0]:
        medians = {name: statistics.median(run[figure] for run in runs) for name, runs in seen.items()}
        ratio = medians["flexlogin"] / medians["bare"]
        print(f"{figure:16}" + "".join(f"{value:12.1f}" for value in medians.values()) + f"{ratio:8.2f}")
    sizes = [os.path.getsize(os.path.join(target, path)) / 1e6 for path in ("examples/bare", "flexlogin")]
    print(f"{'binary MB':16}" + "".join(f"{size:12.1f}" for size in sizes) + f"{sizes[1] / sizes[0]:8.2f}")


if __name__ == "__main__":
    main()
