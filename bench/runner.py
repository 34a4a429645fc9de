"""Runs the commands that measure.py names, a JSON line each, and says what they took.

A process of its own, and a small one: the system counts a program's peak memory
from before it is started, when it is still a copy of whoever starts it."""

import json
import os
import sys
import time


def run(command, env, out):
    said_by, says = os.pipe()
    sink = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open("/dev/null", os.O_RDONLY)
    files = [(os.POSIX_SPAWN_DUP2, nothing, 0), (os.POSIX_SPAWN_DUP2, sink, 1), (os.POSIX_SPAWN_DUP2, says, 2)]
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, env, file_actions=files)
    os.close(says)
    with os.fdopen(said_by, "rb") as pipe:
        said = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    os.close(sink)
    os.close(nothing)
    return {"seconds": seconds, "memory": usage.ru_maxrss / 1024,
            "code": os.waitstatus_to_exitcode(status), "said": said.decode(errors="replace")[-2000:]}


for line in sys.stdin:
    print(json.dumps(run(**json.loads(line))), flush=True)
