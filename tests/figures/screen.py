"""Programs on an X server of our own, that tells when something is drawn and presses keys."""

import contextlib
import os
import signal
import statistics
import subprocess
import tempfile
import time

from Xlib import X, XK, display, error
from Xlib.ext import xtest

from books import Wakes, family, memory

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 30


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
        # A new one each time, as a device has that keeps nothing of a person.
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
        """Figures of one start; `None` for the first at this size, which shows what there is to see."""
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

    def watch(self, program, typed, seconds):
        """Changes of the picture and wake-ups a second while nobody touches it, after `typed` and OK."""
        empty = self.picture()
        process = program.start(self.size)
        try:
            self.until(process, lambda: self.picture() != empty)
            time.sleep(1)
            self.focus()
            time.sleep(0.5)
            for key in typed or "":
                self.press(key)
                time.sleep(0.05)
            if typed:
                self.press("Return")
            time.sleep(5)
            with Wakes(process.pid, self.server.pid) as wakes:
                frames = self.count_frames(seconds)
            woken = wakes.of_all_threads if wakes.from_outside is None else wakes.from_outside
            return {"frames": frames / seconds, "wakes": woken / seconds, "answers": (wakes.by_screen or 0) / seconds}
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
        self.until(process, lambda: self.colours(answer) == answer, "a key changed nothing")
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

    def until(self, process, there, what="a program drew nothing"):
        stop = time.perf_counter() + PATIENCE
        while not there():
            if process.poll() is not None:
                raise SystemExit(f"a program ended with {process.returncode} before it was measured")
            if time.perf_counter() > stop:
                raise SystemExit(f"{what} within {PATIENCE} s")


def end(process):
    """With all that it started: what still ends takes time from whoever is measured next."""
    relatives = family(process.pid) if process.poll() is None else []
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    stop = time.perf_counter() + PATIENCE
    while any(os.path.exists(f"/proc/{relative}") for relative in relatives):
        if time.perf_counter() > stop:
            raise SystemExit(f"what a program started did not end within {PATIENCE} s")
        time.sleep(0.01)
