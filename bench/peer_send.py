"""The Python peer of `sends`: requests, a thread pool, bodies already built.
Arguments: PORT JOBS BODIES."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import requests

port, jobs, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
url = f"http://127.0.0.1:{port}/v1/demo/programs/12/registrations"
local = threading.local()


def send(body):
    if not hasattr(local, "session"):
        local.session = requests.Session()
        local.session.headers.update({"X-API-Key": "bench", "Content-Type": "application/json"})
    local.session.post(url, data=body.encode()).json()


with open(path, encoding="utf-8") as lines:
    bodies = lines.read().splitlines()
with ThreadPoolExecutor(jobs) as pool:
    for _ in pool.map(send, bodies):
        pass
