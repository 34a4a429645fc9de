"""Runs commands and says what they took; starts the target and asks what it saw."""

import json
import os
import statistics
import subprocess
import time
import urllib.request


class Took:
    """Wall seconds, peak memory in MiB (never below this script's own), exit code."""

    def __init__(self, seconds, memory, code):
        self.seconds, self.memory, self.code = seconds, memory, code


def run(command, env=None, out=None, ok=(0,)):
    """One run; its results go to `out` or nowhere. An unexpected exit code ends the bench."""
    sink = open(out or os.devnull, "wb")
    with sink, open("/dev/null") as nothing:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=nothing, stdout=sink, stderr=subprocess.PIPE,
                                   env={**os.environ, **(env or {})})
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ok:
        raise SystemExit(f"{' '.join(map(str, command))}\nended with {process.returncode}:\n{said.decode()[-2000:]}")
    return Took(seconds, usage.ru_maxrss / 1024, process.returncode)


def median(values):
    return statistics.median(values)


class Target:
    """The loopback partner, answering after `delay` milliseconds."""

    def __init__(self, program, delay=0):
        self.process = subprocess.Popen([program, str(delay)], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def stats(self):
        """(requests, connections) since last asked."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats") as answer:
            told = json.load(answer)
        return told["requests"], told["connections"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
