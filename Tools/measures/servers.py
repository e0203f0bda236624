"""The servers that are measured, each on the server's processor and in a directory of its own, and how they are reached."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

from measures.judging import Invalid
from measures.plan import LOAD_CORE, SERVER_CORE
from measures.programs import environment, pinned


class Server:
    """A process on the server's processor, in a directory of its own; stopped at the end of `with`."""

    def __init__(self, command, directory, variables=None, core=SERVER_CORE):
        self.log = open(directory / "log", "ab")
        self.process = subprocess.Popen(
            pinned(core, *command), env=environment(**(variables or {})), stdout=self.log, stderr=self.log
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.log.close()

    @property
    def pid(self):
        return self.process.pid

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Invalid("the server's resident memory is not known")


class Mintmark(Server):
    """A mintmarkd that is ready; `settings` are those of the daemon, with `_` for the dots in their names."""

    def __init__(self, bench, directory, threads=1, core=SERVER_CORE, admin="off", **settings):
        directory.mkdir(parents=True, exist_ok=True)
        ready = directory / "ready.json"
        ready.unlink(missing_ok=True)
        variables = {
            "MINTMARK_CLIENTS_LOCAL_ACCESS_TOKEN_TTL": "24h",
            **{f"MINTMARK_{name.upper()}": str(value) for name, value in settings.items()},
        }
        began = time.monotonic()
        super().__init__(
            [bench.bin / "mintmarkd", "--threads", threads, "--listen", "127.0.0.1:0", "--admin", admin]
            + ["--data-dir", directory / "data", "--ready-file", ready, "--unix", directory / "socket"],
            directory,
            variables,
            core,
        )
        while not ready.exists():
            if self.process.poll() is not None:
                raise Invalid(f"mintmarkd did not start\n{(directory / 'log').read_text()}")
            time.sleep(0.0005)
        self.start_ms = (time.monotonic() - began) * 1000
        addresses = json.loads(ready.read_text())
        self.address = addresses["tcp"][0]
        self.unix = directory / "socket"
        self.admin_address = addresses["admin"]
        self.tls_address = next(iter(addresses["tls"]), None)


class OverTLS:
    """A server as one reaches it with TLS."""

    def __init__(self, server, certificates):
        self.pid = server.pid
        self.where = ["--tls", server.tls_address, "--ca", certificates / "ca.pem"]
        self.where += ["--cert", certificates / "gateway.pem", "--key", certificates / "gateway.key"]


class OverUnix:
    """A server as one reaches it on its Unix socket."""

    def __init__(self, server):
        self.pid = server.pid
        self.where = ["--unix", server.unix]


class Redis(Server):
    """A redis-server that writes nothing to the disk."""

    def __init__(self, directory):
        directory.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory]
        super().__init__([self.program(directory), *options], directory)
        self.address = f"127.0.0.1:{port}"
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.01)
        self.__exit__()
        raise Invalid("redis-server did not start")

    @staticmethod
    def program(directory):
        """Its path. On Debian the tools, whose package starts no server, hold it as well: the program goes by its name."""
        found, alike = shutil.which("redis-server"), shutil.which("redis-check-rdb")
        if found or not alike:
            return found or "redis-server"
        link = directory / "redis-server"
        link.unlink(missing_ok=True)
        link.symlink_to(alike)
        return link


class Answerer(Server):
    """A server that costs less than the generator, and has answers to the same requests in a table."""

    def __init__(self, bench, directory):
        super().__init__([bench.bin / "mintmark-counts", "answer"], directory)
        while not (port := (directory / "log").read_text().strip()):
            if self.process.poll() is not None:
                raise Invalid("the answerer did not start")
            time.sleep(0.001)
        self.address = f"127.0.0.1:{port}"


class Echo:
    """An echo server in Python on the server's processor: what comes is sent back, and nothing else is done."""

    PROGRAM = """
import socket
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := connection.recv(65536):
        connection.sendall(data)
"""

    def __enter__(self):
        command = pinned(SERVER_CORE, sys.executable, "-c", self.PROGRAM)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def round_trips_us(self, seconds, byte_count=400):
        """How long each of many messages took there and back, one at a time, from the generator's processor."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {int(LOAD_CORE)})
        try:
            with socket.create_connection(("127.0.0.1", self.port)) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                message, found = b"x" * byte_count, []
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    began, missing = time.perf_counter_ns(), byte_count
                    connection.sendall(message)
                    while missing:
                        missing -= len(connection.recv(missing))
                    found.append((time.perf_counter_ns() - began) / 1000)
                return found
        finally:
            os.sched_setaffinity(0, before)
