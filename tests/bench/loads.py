"""What `run` measures and what it measures with: the engine, the baseline listener, senders and receivers, as child processes."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections import namedtuple

TICKS = os.sysconf("SC_CLK_TCK")
QUIET = 1.3          # seconds without work: only then all was done that a message causes, the background too
PATIENCE = 180       # seconds

# CPU microseconds a message (user and system, all threads, to the end of all background work), messages a second as the
# sender sees it, bytes on disk for each byte of a message.
Run = namedtuple("Run", "cpu rate disk")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(ready, what):
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError("gave up waiting for " + what)
        time.sleep(0.02)


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A child process and what it costs. Ended, and its folder removed, when its `with` block ends."""

    def __init__(self, words, folder, **how):
        self.folder = folder
        self.child = subprocess.Popen([str(w) for w in words], **how)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait(PATIENCE)
        for stream in (self.child.stdout, self.child.stderr):
            if stream:
                stream.close()
        if self.folder:
            shutil.rmtree(self.folder)

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def on_disk(self):
        return sum(f.stat().st_size for f in pathlib.Path(self.store).rglob("*") if f.is_file())

    def rest(self):
        """Returns when it has done nothing for a while."""
        last, since = self.cpu(), time.monotonic()
        while time.monotonic() - since < QUIET:
            time.sleep(0.1)
            if (now := self.cpu()) > last:
                last, since = now, time.monotonic()

    def measure(self, load, until=lambda: True):
        self.rest()
        cpu, disk = self.cpu(), self.on_disk()
        sent = load()
        wait_until(until, "the receiver to have all messages")
        self.rest()
        count = sent["acked"]
        return Run((self.cpu() - cpu) * 1e6 / count, sent["msgs_per_s"], (self.on_disk() - disk) / (count * sent["bytes"]))


class Engine(Process):
    """The shipped binary on one channel. port: where its destination connects to."""

    def __init__(self, tombolo, channel, work, port=0):
        folder = pathlib.Path(tempfile.mkdtemp(dir=work))
        (folder / "channels").mkdir()
        (folder / "channels" / "channel.yaml").write_text(channel % {"folder": folder, "port": port})
        self.store = folder / "store"
        begin = time.monotonic()
        super().__init__([tombolo, "run", folder, "--level", "warning"], folder, stdout=subprocess.PIPE, text=True)
        line = self.child.stdout.readline()
        self.started = time.monotonic() - begin
        if " listens on " not in line:
            raise RuntimeError(f"the engine did not start: {line}")
        self.port = int(line.strip().rsplit(":", 1)[1])


class Baseline(Process):
    """The least a durable listener can do: one row a message, group commit, an answer."""

    def __init__(self, program, work):
        self.store = folder = pathlib.Path(tempfile.mkdtemp(dir=work))
        self.port = free_port()
        super().__init__([program, self.port, 1, "sqlite", folder], folder, stderr=subprocess.DEVNULL)
        wait_until(lambda: listens(self.port), "the baseline to listen")


def all_answered(result, count):
    if result["acked"] != count:
        raise RuntimeError(f"only {result['acked']} of {count} messages were answered AA")
    return result


def baseline_load(baselines, port, connections, count):
    def load():
        prefix = f"B{time.monotonic_ns() // 1_000_000 % 10_000_000}-"
        words = [baselines / "mllp_load", "--port", port, "--conns", connections, "--count", count, "--prefix", prefix, "--json"]
        result = json.loads(subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout)
        return all_answered(dict(result, bytes=result["avg_bytes"]), count)
    return load


def own_load(tombolo, port, connections, count, message):
    def load():
        words = [tombolo, "send", f"127.0.0.1:{port}", message, "--connections", connections, "--count", count, "--json"]
        result = json.loads(subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True).stdout)
        return all_answered(dict(result, acked=result["AA"], bytes=message.stat().st_size), count)
    return load


class baseline_receiver(Process):
    """mllp_sink; it tells on its control port what came."""

    def __init__(self, baselines, count):
        self.count, self.port, self.control = count, free_port(), free_port()
        super().__init__([baselines / "mllp_sink", "--port", self.port, "--control", self.control], None)
        wait_until(lambda: listens(self.port), "the receiver to listen")

    def has_all(self):
        with socket.create_connection(("127.0.0.1", self.control)) as s:
            s.sendall(b"stats\n")
            stats = json.loads(s.makefile().readline())
        if stats["dups"]:
            raise RuntimeError(f"{stats['dups']} messages came twice")
        return stats["unique"] >= self.count


class own_receiver(Process):
    """`tombolo receive`; it ends by itself when all messages came."""

    def __init__(self, tombolo, count):
        self.port = free_port()
        super().__init__([tombolo, "receive", self.port, "--count", count], None, stdout=subprocess.DEVNULL)
        wait_until(lambda: listens(self.port), "the receiver to listen")

    def has_all(self):
        return self.child.poll() is not None
