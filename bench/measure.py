"""Runs commands and says what they took; starts the target and asks what it saw."""

import json
import os
import statistics
import subprocess
import sys
import urllib.request
from pathlib import Path

_runner = subprocess.Popen([sys.executable, "-S", "-E", Path(__file__).with_name("runner.py")],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Took:
    """Wall seconds, peak memory in MiB (never below the runner's own, 9 MiB), exit code."""

    def __init__(self, seconds, memory, code):
        self.seconds, self.memory, self.code = seconds, memory, code


def run(command, env=None, out=None, ok=(0,)):
    """One run; its results go to `out` or nowhere. An unexpected exit code ends the bench."""
    command = [str(part) for part in command]
    order = {"command": command, "env": {**os.environ, **(env or {})}, "out": str(out or os.devnull)}
    _runner.stdin.write(json.dumps(order) + "\n")
    _runner.stdin.flush()
    took = json.loads(_runner.stdout.readline())
    said = took.pop("said")
    if took["code"] not in ok:
        raise SystemExit(f"{' '.join(command)}\nended with {took['code']}:\n{said}")
    return Took(**took)


def median(values):
    return statistics.median(values)


class Target:
    """The loopback partner, answering after `delay` milliseconds."""

    def __init__(self, program, delay=0):
        self.process = subprocess.Popen([program, str(delay)], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def stats(self):
        """What came since last asked: requests, connections, span_ms, most_in_a_second."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
