"""What the kernel's books say of a program: what it holds in memory, and what wakes it."""

import contextlib
import os
import re

# Of its own, so that nobody else's tracing is disturbed.
INSTANCE = "/sys/kernel/tracing/instances/flexlogin"
WOKEN = re.compile(r"-(?P<waker>\d+) +\[\d+\] (?P<flags>\S+) .* sched_waking: ")


def family(pid):
    """With all that it started."""
    found = [pid]
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread may end meanwhile
        for thread in os.listdir(f"/proc/{pid}/task"):
            for child in open(f"/proc/{pid}/task/{thread}/children").read().split():
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


def can_tell_what_wakes():
    return os.access(os.path.dirname(INSTANCE), os.W_OK)


class Wakes:
    """How often a program is woken while this is open: `from_outside`, by a timer or the network; `by_screen`, by what
    draws for it, whose answers wake it or find it awake as it happens; and `of_all_threads`, whom another one of it
    woke too."""

    def __init__(self, pid, screen):
        self.pid, self.screen, self.threads = pid, str(screen), os.listdir(f"/proc/{pid}/task")
        self.from_outside = self.by_screen = None

    def __enter__(self):
        if can_tell_what_wakes():
            os.mkdir(INSTANCE)
            ours = " || ".join(f"pid == {thread}" for thread in self.threads)
            self.write("events/sched/sched_waking/filter", ours)
            self.write("events/sched/sched_waking/enable", "1")
        self.slept = self.sleeps()
        return self

    def __exit__(self, *_):
        self.of_all_threads = self.sleeps() - self.slept
        if os.path.isdir(INSTANCE):
            self.from_outside = self.by_screen = 0
            with open(f"{INSTANCE}/trace") as trace:
                for wake in filter(None, map(WOKEN.search, trace)):
                    # An interrupt comes from outside, whomever it meets.
                    waker = None if set(wake["flags"]) & set("hHs") else wake["waker"]
                    self.from_outside += waker not in [self.screen, *self.threads]
                    self.by_screen += waker == self.screen
            os.rmdir(INSTANCE)

    def sleeps(self):
        total = 0
        for thread in self.threads:
            for line in open(f"/proc/{self.pid}/task/{thread}/status"):
                if line.startswith("voluntary_ctxt_switches"):
                    total += int(line.split()[1])
        return total

    def write(self, file, text):
        with open(f"{INSTANCE}/{file}", "w") as control:
            control.write(text)
