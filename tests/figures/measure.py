#!/usr/bin/env python3
"""What the app costs on a screen, beside the smallest Slint window and, if asked for, beside Chromium.

One command builds the release program, opens screens of its own (Xvfb) at 720p and 1080p, runs all programs in turn,
so that a busy machine is busy for each of them, and prints a table of medians: ours, the floor, the ratio, the target.
It ends with 1 if a target is missed.

    apt-get install xvfb python3-xlib            # and chromium, for --chromium
    /usr/bin/python3 tests/figures/measure.py
"""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from Xlib import X, XK, display, error
from Xlib.ext import xtest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "../..")
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080)}
PATIENCE = 30
CPR = "6701901234"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default=os.path.join(ROOT, "target/release"), help="where the programs are")
    parser.add_argument("--no-build", action="store_true", help="measure what is there")
    parser.add_argument("--runs", type=int, default=15, help="starts of each program")
    parser.add_argument("--quiet-seconds", type=int, default=30, help="how long a screen is watched that stands still")
    parser.add_argument("--chromium", action="store_true",
                        help="compare with it too; without a window manager its later windows sometimes stay blank")
    parser.add_argument("--verbose", action="store_true", help="tell of each start")
    parser.add_argument("--sizes", default="720p,1080p")
    options = parser.parse_args()
    if not options.no_build:
        build = ["cargo", "build", "--release", "--features", "figures", "--bins", "--example", "bare"]
        subprocess.run(build, cwd=ROOT, check=True)
    flexlogin = os.path.join(options.target, "flexlogin")
    bare = os.path.join(options.target, "examples/bare")
    broker = subprocess.Popen([flexlogin, "broker"], stdout=subprocess.PIPE, text=True)
    table = Table()
    try:
        config = json.loads(broker.stdout.readline())["config_file"]
        programs = [Program("ours", [flexlogin, "desktop", "--config", config]), Program("bare", [bare])]
        if options.chromium:
            programs.append(Chromium())
        for size in options.sizes.split(","):
            with Screen(SIZES[size]) as screen:
                measure(screen, size, programs, options, table)
    finally:
        broker.send_signal(signal.SIGTERM)
        broker.wait()
    table.add("binary, MB", os.path.getsize(flexlogin) / 1e6, "bare Slint", os.path.getsize(bare) / 1e6)
    table.print()
    sys.exit(0 if table.is_met else 1)


def measure(screen, size, programs, options, table):
    ours, *others = programs
    starts = {program.name: [] for program in programs}
    for program in programs:
        # Its picture is another one at another size.
        program.points = program.answer = None
    for run in range(options.runs + 1):
        for program in programs:
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
    for what, then, floor, at_most in [("idle", None, 0, 0.1), ("waiting", CPR, 1.2, 1.3)]:
        frames, wakes = screen.watch(ours, then, options.quiet_seconds)
        table.add(f"changes of the picture a second, {what}, {size}", frames, "", 0 if what == "idle" else 1,
                  at_most=0 if what == "idle" else None)
        table.add(f"wake-ups a second, {what}, {size}", wakes, "", floor, at_most=at_most)


class Program:
    """Something to start. `points` are places of its picture that tell it from an empty screen."""

    takes_keys = False

    def __init__(self, name, command):
        self.name, self.command, self.points, self.answer = name, command, None, None
        self.takes_keys = name != "bare"

    def start(self, size):
        scale = size[1] / 720
        return subprocess.Popen(self.command, env={**os.environ, "SLINT_SCALE_FACTOR": str(scale)},
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Chromium(Program):
    def __init__(self):
        super().__init__("chromium", None)
        self.profiles = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)

    def start(self, size):
        # A new one each time: with one that was in use just now the window sometimes stays blank.
        profile = tempfile.mkdtemp(dir=self.profiles.name)
        page = os.path.join(HERE, "page.html")
        command = ["chromium", "--kiosk", "--no-sandbox", "--test-type", "--no-first-run", "--disable-gpu", "--incognito",
                   "--disable-features=Translate", "--allow-file-access-from-files", f"--user-data-dir={profile}",
                   f"--window-size={size[0]},{size[1]}", "--window-position=0,0", f"file://{page}"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)


class Screen:
    """An X server of our own, that tells when something is drawn and presses keys."""

    def __init__(self, size):
        self.size = size

    def __enter__(self):
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{self.size[0]}x{self.size[1]}x24", "-nolisten", "tcp"],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as number:
            os.environ["DISPLAY"] = f":{number.readline().strip()}"
        self.display = display.Display()
        self.root = self.display.screen().root
        return self

    def __exit__(self, *_):
        self.display.close()
        self.server.terminate()
        self.server.wait()

    def start(self, program):
        empty = self.picture()
        begun = time.perf_counter()
        process = program.start(self.size)
        try:
            if program.points is None:
                program.points = self.learn(process)
                if program.takes_keys:
                    program.answer = self.learn_answer()
                return None
            self.until(process, lambda: self.colours(program.points) == program.points)
            frame = time.perf_counter() - begun
            figures = {"frame": frame * 1000}
            if program.takes_keys:
                figures["key"] = self.press_and_wait(process, program.answer) * 1000
            time.sleep(1)
            return {**figures, **memory(process.pid)}
        finally:
            end(process)
            self.until(None, lambda: self.picture() == empty)

    def watch(self, program, typed, seconds):
        """Changes and wake-ups a second of a screen that nobody touches, after `typed` and OK."""
        process = program.start(self.size)
        try:
            self.until(process, lambda: self.colours(program.points) == program.points)
            time.sleep(1)
            self.focus()
            time.sleep(0.5)
            for key in typed or "":
                self.press(key)
                time.sleep(0.05)
            if typed:
                self.press("Return")
            time.sleep(5)
            before = wake_ups(process.pid)
            frames = self.count_frames(seconds)
            if typed and frames < seconds / 2:
                raise SystemExit("the screen that counts down never came")
            wakes = wake_ups(process.pid) - before
            return frames / seconds, wakes / seconds
        finally:
            end(process)

    def count_frames(self, seconds):
        """By how often the picture is another one; what is drawn again alike is not counted."""
        frames, last, stop = 0, self.picture(), time.perf_counter() + seconds
        while time.perf_counter() < stop:
            time.sleep(0.2)
            now = self.picture()
            frames += now != last
            last = now
        return frames

    def press_and_wait(self, process, answer):
        """From a key to the digit in the picture."""
        self.focus()
        # What is drawn when the window gets the focus is not the answer to a key.
        time.sleep(0.3)
        begun = time.perf_counter()
        self.press("6")
        self.until(process, lambda: self.colours(answer) == answer)
        return time.perf_counter() - begun

    def focus(self):
        with contextlib.suppress(error.XError):
            self.window().set_input_focus(X.RevertToPointerRoot, X.CurrentTime)
        self.display.sync()

    def press(self, key):
        code = self.display.keysym_to_keycode(XK.string_to_keysym(key))
        xtest.fake_input(self.display, X.KeyPress, code)
        xtest.fake_input(self.display, X.KeyRelease, code)
        self.display.flush()

    def window(self):
        """The largest that is shown."""
        shown = []
        for window in self.root.query_tree().children:
            if window.get_attributes().map_state == X.IsViewable:
                size = window.get_geometry()
                shown.append((size.width * size.height, window.id, window))
        return max(shown)[2]

    def learn(self, process):
        """Six places of different colours in the picture that stays."""
        last = None
        empty = self.picture()
        while (now := self.picture()) != last or now == empty:
            last = now
            time.sleep(1.5)
            if process.poll() is not None:
                raise SystemExit("a program ended before its first frame")
        places = {}
        for y in range(3, self.size[1], 7):
            for x in range(3, self.size[0], 7):
                at = (y * self.size[0] + x) * 4
                colour = now[at:at + 3]
                if colour != empty[at:at + 3]:
                    places.setdefault(colour, []).append((x, y))
        common = sorted(places.items(), key=lambda entry: -len(entry[1]))[:6]
        return {entries[len(entries) // 2]: colour for colour, entries in common}

    def learn_answer(self):
        """A place that a typed digit changes, and the colour that it gets."""
        before = after = self.picture()
        for _ in range(5):  # a program that is just there may still miss the first
            self.focus()
            time.sleep(0.3)
            self.press("6")
            stop = time.perf_counter() + 1
            while after == before and time.perf_counter() < stop:
                after = self.picture()
            if after != before:
                break
        # What is drawn in two pictures in a row is drawn to its end.
        again = self.picture()
        changed = [at for at in range(0, len(after), 4)
                   if after[at:at + 3] != before[at:at + 3] and after[at:at + 3] == again[at:at + 3]]
        if not changed:
            raise SystemExit("a program takes no keys")
        # Of the commonest colour: an edge is not drawn alike each time.
        colour = statistics.mode(after[at:at + 3] for at in changed)
        alike = [at for at in changed if after[at:at + 3] == colour]
        at = alike[len(alike) // 2]
        return {(at // 4 % self.size[0], at // 4 // self.size[0]): after[at:at + 3]}

    def colours(self, places):
        return {place: self.root.get_image(*place, 1, 1, X.ZPixmap, 0xFFFFFFFF).data[:3] for place in places}

    def picture(self):
        rows, height = [], 64
        for top in range(0, self.size[1], height):
            part = min(height, self.size[1] - top)
            rows.append(self.root.get_image(0, top, self.size[0], part, X.ZPixmap, 0xFFFFFFFF).data)
        return b"".join(rows)

    def until(self, process, there):
        stop = time.perf_counter() + PATIENCE
        while not there():
            if process is not None and process.poll() is not None:
                raise SystemExit(f"a program ended with {process.returncode} before it was measured")
            if time.perf_counter() > stop:
                raise SystemExit(f"nothing was drawn within {PATIENCE} s")


def end(process):
    """With all that it started: a browser whose helpers still live hands a new one a blank window."""
    relatives = family(process.pid) if process.poll() is None else []
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    while any(os.path.exists(f"/proc/{relative}") for relative in relatives):
        time.sleep(0.01)


def family(pid):
    found = [pid]
    for child in open(f"/proc/{pid}/task/{pid}/children").read().split():
        found += family(int(child))
    return found


def memory(pid):
    """In MiB: all of it, and without the pictures that the program shares with the screen."""
    everything = pictures = 0
    for process in family(pid):
        is_picture = False
        for line in open(f"/proc/{process}/smaps"):
            name, _, rest = line.partition(":")
            if name == "Pss":
                everything += int(rest.split()[0])
                pictures += int(rest.split()[0]) if is_picture else 0
            elif "-" in name.split()[0]:
                is_picture = "softbuffer" in line
    return {"all memory": everything / 1024, "memory": (everything - pictures) / 1024}


def wake_ups(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        for line in open(f"/proc/{pid}/task/{task}/status"):
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


class Table:
    def __init__(self):
        self.rows, self.is_met = [], True

    def add(self, metric, ours, floor_name, floor, ratio=None, at_most=None):
        targets = []
        met = True
        if ratio is not None:
            targets.append(f"≤ {ratio:g} ×" if ratio >= 1 else f"≤ 1/{1 / ratio:.0f}")
            met &= ours <= ratio * floor
        if at_most is not None:
            targets.append(f"≤ {at_most:g}")
            met &= ours <= at_most
        self.is_met &= met
        verdict = "" if not targets else "met" if met else "MISSED"
        ratio_told = f"{ours / floor:.2f}" if floor else ""
        self.rows.append((metric, f"{ours:.2f}", f"{floor:.2f} {floor_name}".strip(), ratio_told,
                          ", ".join(targets), verdict))

    def print(self):
        head = ("metric", "ours", "floor", "ratio", "target", "")
        widths = [max(len(row[column]) for row in [head, *self.rows]) for column in range(len(head))]
        for row in [head, tuple("-" * width for width in widths), *self.rows]:
            print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip(" |"))


if __name__ == "__main__":
    main()
