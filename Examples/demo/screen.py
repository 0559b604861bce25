"""What the demo shows: plain lines, with colour on a terminal only."""

import os
import sys
import textwrap

WIDTH = 100
INDENT = 4
COLOURS = {"PERMIT": "32", "DENY": "31", "SILENCE": "33", "strong": "1", "faint": "2", "good": "32", "bad": "31"}


class Screen:
    """Prints the story, one numbered step after another."""

    def __init__(self):
        dumb = os.environ.get("TERM", "") in ("", "dumb")
        self.has_colour = sys.stdout.isatty() and not dumb and not os.environ.get("NO_COLOR")
        self.mark = "✓" if "utf" in (sys.stdout.encoding or "").lower() else "ok"
        self.steps = 0
        self.checks = 0

    def styled(self, text, style):
        return f"\033[{COLOURS[style]}m{text}\033[0m" if self.has_colour else text

    def line(self, text=""):
        print(text, flush=True)

    def step(self, title):
        """A step begins: what is tried."""
        self.steps += 1
        self.line(self.styled(f"{self.steps:>2}  {title}", "strong"))

    def part(self, name, what):
        """One of the parts of the story."""
        self.put(f"{name:<9}", 9, what)

    def ruled(self, outcome, who, why):
        """What was ruled, by whom, and why."""
        self.put(self.styled(outcome, outcome) + " " * (9 - len(outcome)), 9, f"{who}: {why}")

    def happened(self, word, what):
        """What happened that is no ruling."""
        self.put(f"{word:<9}", 9, what)

    def checked(self, text):
        """What the demo has just checked."""
        self.checks += 1
        self.put(self.styled(self.mark, "good") + " " * (9 - len(self.mark)), 9, text)

    def put(self, label, label_width, text):
        rows = textwrap.wrap(text, WIDTH - INDENT - label_width, break_on_hyphens=False) or [""]
        self.line(" " * INDENT + label + rows[0])
        for row in rows[1:]:
            self.line(" " * (INDENT + label_width) + row)
