"""Downloads a module once with tensorflow_hub, and prints what it took as JSON: python download_once.py URL DIRECTORY"""

import json
import os
import resource
import sys
import time

url, directory = sys.argv[1:]
os.environ["TFHUB_CACHE_DIR"] = directory

import tensorflow_hub as hub  # pylint: disable=wrong-import-position


def memory():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


before = memory()
used = time.process_time()
started = time.perf_counter()
hub.resolve(url)
# Importing TensorFlow takes seconds, which are not the download's.
print(
    json.dumps(
        {
            "time": (time.perf_counter() - started) * 1000,
            "cpu": (time.process_time() - used) * 1000,
            "growth": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before,
        }
    )
)
