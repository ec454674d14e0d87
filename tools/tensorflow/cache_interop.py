"""Checks that Tenon and Python's tensorflow_hub share one module cache.

Serves the repository's own modules on loopback and resolves them from both sides. Prints one line per check; exits with 1 if any fails.
Needs tensorflow_hub 0.16 and a built Tenon (`npm run build`):

    python tools/tensorflow/cache_interop.py
"""

import hashlib
import http.server
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.parse
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.path.join(HERE, "..", "fixtures", "modules")
DRIVER = os.path.join(HERE, "cache-interop-driver.mjs")

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
CACHE = tempfile.mkdtemp(prefix="tenon-interop-")
os.environ["TFHUB_CACHE_DIR"] = CACHE

import tensorflow_hub as hub  # pylint: disable=wrong-import-position
from tensorflow_hub import resolver as hub_resolver  # pylint: disable=wrong-import-position

from tensorflow_hub import compressed_module_resolver  # pylint: disable=wrong-import-position

requests = []
# By the last part of a handle: what is answered only when the gate is opened.
gates = {}


class Gate:
    def __init__(self, name):
        self.arrived, self.opened = threading.Event(), threading.Event()
        gates[name] = self

    def let_pass(self):
        self.opened.set()


class Hosting(http.server.BaseHTTPRequestHandler):
    """`/<format>/<module>/<anything>` answers with the module, packed by Python's tarfile in that format."""

    def do_GET(self):
        requests.append(self.path)
        path = self.path.split("?")[0].split("/")
        gate = gates.get(path[3])
        if gate:
            gate.arrived.set()
            gate.opened.wait(timeout=120)
        buffer = io.BytesIO()
        mode = "w" if path[1] == "plain" else "w:gz"
        layout = {"gnu": tarfile.GNU_FORMAT, "ustar": tarfile.USTAR_FORMAT}.get(path[1], tarfile.PAX_FORMAT)
        with tarfile.open(fileobj=buffer, mode=mode, format=layout) as archive:
            archive.add(os.path.join(MODULES, path[2]), arcname=".")
            if path[1] != "ustar":
                folder = tarfile.TarInfo("./" + "é" * 60)
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(folder)
                asset = tarfile.TarInfo(folder.name + "/" + "n" * 150)
                asset.size = 4
                archive.addfile(asset, io.BytesIO(b"word"))
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(buffer.tell()))
            self.end_headers()
            self.wfile.write(buffer.getvalue())
        except (BrokenPipeError, ConnectionResetError):
            pass  # Who asked was killed.

    def log_message(self, *args):
        pass


failures = 0


def check(what, passed, details=""):
    global failures
    print(f"{'ok  ' if passed else 'FAIL'} {what}{'' if passed else f': {details}'}", flush=True)
    failures += not passed


def start_node(action, handle):
    return subprocess.Popen(["node", DRIVER, action, handle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def next_event(process):
    return json.loads(process.stdout.readline() or "{}")


def node_resolve(handle):
    return node("resolve", handle)


def node(action, handle):
    process = start_node(action, handle)
    events = [json.loads(line) for line in process.communicate()[0].splitlines()]
    return events[-1]


def contents(directory):
    return {
        os.path.relpath(os.path.join(folder, name), directory): open(os.path.join(folder, name), "rb").read()
        for folder, _, names in os.walk(directory)
        for name in names
    }


def module_directory(handle):
    return os.path.join(CACHE, hashlib.sha1(handle.encode()).hexdigest())


def count_requests(handle):
    path = urllib.parse.urlparse(handle).path
    return sum(request.startswith(path + "?") for request in requests)


def start_thread(work):
    """A thread that does some work; its result is in the list once it is joined."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    return thread, results


def check_herds(base):
    """Several of both kinds want one module that one of them is downloading."""
    for first in ("python", "node"):
        name = f"herd-{first}"
        handle = f"{base}/pax/half-plus-two/{name}"
        gate = Gate(name)
        threads = [start_thread(lambda: hub.resolve(handle))] if first == "python" else []
        processes = [start_node("resolve", handle)] if first == "node" else []
        gate.arrived.wait(timeout=60)
        threads += [start_thread(lambda: hub.resolve(handle)) for _ in range(3)]
        processes += [start_node("resolve", handle) for _ in range(4)]
        events = [next_event(process) for process in processes[-4:]]
        check(f"four Tenons wait for the {first} that was first", all("waitsFor" in event for event in events), events)
        gate.let_pass()
        for thread, _ in threads:
            thread.join(timeout=60)
        ends = [json.loads(process.communicate()[0].splitlines()[-1]).get("directory") for process in processes]
        ends += [directory for _, results in threads for directory in results]
        check(
            f"and all {len(threads) + len(processes)} of both kinds get one download",
            set(ends) == {module_directory(handle)} and len(ends) == len(threads) + len(processes) and count_requests(handle) == 1,
            (ends, count_requests(handle)),
        )


def check_killed(base):
    """One of a kind is killed while it downloads, and the other kind goes on."""
    handle = f"{base}/pax/half-plus-two/killed-python"
    gate = Gate("killed-python")
    program = "import sys, tensorflow_hub; tensorflow_hub.resolve(sys.argv[1])"
    victim = subprocess.Popen([sys.executable, "-c", program, handle])
    gate.arrived.wait(timeout=120)
    victim.kill()
    victim.wait()
    left = entry_files(handle)
    gate.let_pass()
    started = time.monotonic()
    ours = node_resolve(handle)
    waited = time.monotonic() - started
    check(
        "Tenon goes on at once where Python was killed while it downloaded",
        len(left) == 2 and ours.get("directory") == module_directory(handle) and waited < 10,
        (left, ours, waited),
    )
    rest = [name.split(".", 1)[1:] for name in entry_files(handle)]
    check("and removes what Python left", rest == [[], ["descriptor.txt"], ["manifest.json"]], rest)

    handle = f"{base}/pax/half-plus-two/killed-node"
    gate = Gate("killed-node")
    victim = start_node("resolve", handle)
    gate.arrived.wait(timeout=60)
    victim.kill()
    victim.communicate()
    gate.let_pass()
    theirs = hub.resolve(handle)
    before = len(requests)
    ours = node_resolve(handle)
    check(
        "Python goes on, after its own time-out, where Tenon was killed while it downloaded",
        ours.get("directory") == theirs and len(requests) == before and "saved_model.pb" in contents(theirs),
        ours,
    )
    # Python removes no temporary directory but its own, and a hit looks at nothing else; mending the cache does, after an hour.
    for name in entry_files(handle):
        if name.endswith(".tmp"):
            shutil.rmtree(os.path.join(CACHE, name))


def check_taken_for_dead(base):
    handle = f"{base}/pax/half-plus-two/silent-node"
    holder = start_node("hold", handle)
    next_event(holder)
    theirs = hub.resolve(handle)
    whole = contents(theirs)
    holder.communicate()
    check("a Tenon that Python took for dead does no harm", contents(theirs) == whole and "saved_model.pb" in whole, entry_files(handle))
    rest = [name.split(".", 1)[1:] for name in entry_files(handle)]
    check("and leaves nothing", rest == [[], ["descriptor.txt"]], rest)


def check_replaced(base):
    """Python knows nothing of manifests: what it downloads in the place of Tenon's is not what the manifest says."""
    handle = f"{base}/ustar/half-plus-two/replaced"
    node_resolve(handle)
    shutil.rmtree(module_directory(handle))
    theirs = hub.resolve(handle)
    os.remove(os.path.join(theirs, "tfhub_module.pb"))  # Any file, for the directory to differ from Tenon's manifest.
    before = len(requests)
    ours = node_resolve(handle)
    check("Tenon uses what Python downloaded in the place of its own", ours.get("directory") == theirs and len(requests) == before, ours)


def entry_files(handle):
    return sorted(name for name in os.listdir(CACHE) if name.startswith(hashlib.sha1(handle.encode()).hexdigest()))


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hosting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"

    handle = f"{base}/pax/half-plus-two/python-first"
    theirs = hub.resolve(handle)
    before = len(requests)
    ours = node_resolve(handle)
    check("Tenon uses what Python downloaded, without a request", ours.get("directory") == theirs and len(requests) == before, ours)

    for layout in ("pax", "gnu", "ustar", "plain"):
        handle = f"{base}/{layout}/half-plus-two/node-first"
        ours = node_resolve(handle)
        before = len(requests)
        theirs = hub.resolve(handle)
        check(f"Python uses what Tenon downloaded ({layout}), without a request", ours.get("directory") == theirs and len(requests) == before, ours)
        twin = hub.resolve(f"{base}/{layout}/half-plus-two/twin")
        check(f"both unpack the same files ({layout})", "directory" in ours and contents(ours["directory"]) == contents(twin))
    loaded = hub.load(theirs)
    check("Python loads what Tenon downloaded", "default" in loaded.signatures)

    handle = f"{base}/pax/half-plus-two/queries?lang=%C3%A9n+x&empty=&f=~*"
    hub.resolve(handle)
    asked_by_python = requests[-1]
    ours = node_resolve(handle.replace("queries", "queries2"))
    check("both ask for the same address", requests[-1] == asked_by_python.replace("queries", "queries2"), requests[-2:])

    handle = f"{base}/pax/half-plus-two/held-by-node"
    holder = start_node("hold", handle)
    next_event(holder)
    lock = open(os.path.join(CACHE, entry_files(handle)[0].split(".")[0] + ".lock")).read()
    host, pid, identity = lock.rsplit(".", 2)
    check("Tenon's lock reads as Python's", host == socket.gethostname() and pid == str(holder.pid) and uuid.UUID(identity).version == 4, lock)
    waited = {}
    waiting = threading.Thread(target=lambda: waited.update(directory=hub.resolve(handle)))
    before = len(requests)
    waiting.start()
    waiting.join(timeout=8)
    check("Python waits for a Tenon that downloads", waiting.is_alive() and len(requests) == before)
    holder.communicate()
    waiting.join(timeout=60)
    check("Python downloads when Tenon gives up", "directory" in waited and len(requests) == before + 1, waited)
    check("and nothing of Tenon's attempt is left", [name.split(".", 1)[1:] for name in entry_files(handle)] == [[], ["descriptor.txt"]], entry_files(handle))

    handle = f"{base}/pax/half-plus-two/held-by-python"
    module = os.path.join(CACHE, hashlib.sha1(handle.encode()).hexdigest())
    downloading, go_on = threading.Event(), threading.Event()

    def download(_, directory):
        downloading.set()
        go_on.wait()
        os.makedirs(directory, exist_ok=True)
        with open(os.path.join(directory, "saved_model.pb"), "wb") as file:
            file.write(b"by Python")

    holding = threading.Thread(target=lambda: hub_resolver.atomic_download(handle, download, module))
    holding.start()
    downloading.wait()
    kept = node("remove", handle)
    check("Tenon removes nothing that Python is downloading", kept.get("error") == "ERR_CACHE_ENTRY_LOCKED", kept)
    node("prune", handle)
    check("nor does pruning", any(name.endswith(".lock") for name in entry_files(handle)), entry_files(handle))
    waiter = start_node("resolve", handle)
    event = next_event(waiter)
    check("Tenon waits for a Python that downloads, and knows it", (event.get("waitsFor") or {}).get("pid") == os.getpid(), event)
    time.sleep(2)
    before = len(requests)
    check("and goes on waiting", waiter.poll() is None)
    go_on.set()
    holding.join()
    event = next_event(waiter)
    waiter.communicate()
    check("and then uses what Python made", event.get("directory") == module and len(requests) == before, event)

    handle = f"{base}/pax/half-plus-two/dead-python"
    module = os.path.join(CACHE, hashlib.sha1(handle.encode()).hexdigest())
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with open(module + ".lock", "w") as file:
        file.write(f"{socket.gethostname()}.{dead.pid}.{uuid.uuid4().hex}")
    ours = node_resolve(handle)
    check("Tenon takes over from a dead Python", ours.get("directory") == module and not os.path.exists(module + ".lock"), ours)

    handle = f"{base}/pax/half-plus-two/repaired"
    ours = node_resolve(handle)
    os.remove(os.path.join(ours["directory"], "saved_model.pb"))
    again = node_resolve(handle)
    check("Tenon repairs what lost a file, and Python uses it", contents(hub.resolve(handle)).get("saved_model.pb") is not None, again)

    handle = f"{base}/pax/half-plus-two/looked-after"
    hub.resolve(handle)
    entry = node("describe", handle)
    check("Tenon knows what Python downloaded", entry.get("handle") == handle and entry.get("state") == "unrecorded", entry)
    check("and pins it, which Python does not mind", node("pin", handle) == {"pinned": handle} and hub.load(hub.resolve(handle)) is not None)
    pruned = node("prune", "")
    check("Tenon prunes everything else", entry_files(handle) != [] and len(os.listdir(CACHE)) == len(entry_files(handle)), pruned)
    handle = f"{base}/pax/half-plus-two/removed"
    node_resolve(handle)
    node("remove", handle)
    before = len(requests)
    check("Python downloads again what Tenon has removed", contents(hub.resolve(handle)) and len(requests) == before + 1, entry_files(handle))

    check_herds(base)
    compressed_module_resolver.LOCK_FILE_TIMEOUT_SEC = 1
    check_killed(base)
    check_taken_for_dead(base)
    check_replaced(base)

    leftovers = [name for name in os.listdir(CACHE) if name.endswith((".lock", ".tmp"))]
    check("no lock and no temporary directory is left", leftovers == [], leftovers)
    return failures


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
