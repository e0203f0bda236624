"""What it costs to run the daemon: what watching it takes, what it takes when idle, and how large it is."""

import concurrent.futures
import http.client
import os
import pathlib
import statistics
import time

from measures.aside import again_and_again
from measures.figures.sessions import open_sessions
from measures.judging import Figure, Invalid, median_of_pairs
from measures.plan import HOT_TOKENS, LOAD_CORE, PLAN, ROOT, SERVER_CORE
from measures.programs import done
from measures.servers import Mintmark

# How often whoever watches asks: Prometheus once a second, and the status page for itself every other.
SCRAPE_SECONDS = 1.0
# The daemon tells what it has read again for a tenth of a second; each of these answers is to be a new one.
PAUSE_SECONDS = 0.12


def got(address, path):
    """The body of an answer of the admin listener, on a connection of its own."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except http.client.HTTPException as error:
        raise Invalid(f"{path} of the admin listener: {error!r}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise Invalid(f"{path} of the admin listener was answered {answer.status}")
    return body


def metric(address, name):
    """The value of a metric without labels."""
    for line in got(address, "/metrics").decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise Invalid(f"/metrics has no {name}")


def private_bytes(server):
    for line in pathlib.Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise Invalid("the server's private memory is not known")


def watch(address):
    """One turn of whoever watches, a second long; a function to be called again and again."""
    turn = 0

    def once():
        nonlocal turn
        began = time.monotonic()
        got(address, "/metrics")
        if turn % 2 == 0:
            got(address, "/")
        turn += 1
        time.sleep(max(0, SCRAPE_SECONDS - (time.monotonic() - began)))

    return once


def admin_cost_ratio(bench):
    """Tokens verified in a second of the server's processor time (cached, 16 connections, 16 requests underway on each), while
    /metrics is scraped once a second and a status page is open; over the same by a server with --admin off. Connections of the
    watchers are new each time."""
    directory = bench.directory("admin")
    with Mintmark(bench, directory, admin="127.0.0.1:0") as watched, Mintmark(bench, bench.directory("no-admin")) as alone:
        common = ["peak", "--mix", "verify=1", "--connections", 16, "--depth", 16, "--spin", "--warmup", 0.3]
        common += ["--duration", 2 * PLAN.seconds]
        for server, name in ((watched, "watched"), (alone, "alone")):
            bench.write_tokens(server, HOT_TOKENS, directory / name)

        def per_processor_second(server, name):
            report = bench.load(server, *common, "--tokens", directory / name)
            return 1e6 / report["server"]["cpu_us_per_operation"]

        def ours():
            os.sched_setaffinity(0, {int(LOAD_CORE)})
            return again_and_again(watch(watched.admin_address), lambda: per_processor_second(watched, "watched"))[0]

        before = os.sched_getaffinity(0)
        try:
            theirs = lambda: per_processor_second(alone, "alone")
            return median_of_pairs("admin_cost_ratio", ours, theirs, "with --admin off")
        finally:
            os.sched_setaffinity(0, before)


def answer_times_ms(address, path, is_over):
    """How long each answer took, from connecting to its last byte, until `is_over` of their count."""
    found = []
    while not is_over(len(found)):
        began = time.perf_counter()
        got(address, path)
        found.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE_SECONDS)
    if not found:
        raise Invalid("nothing was asked")
    return found


def endpoint_ms(bench, name, saturated_name, path):
    """What both endpoints for those who watch are measured with."""
    directory = bench.directory(name)
    before = os.sched_getaffinity(0)
    with Mintmark(bench, directory, admin="127.0.0.1:0") as server:
        open_sessions(bench, server, PLAN.sessions // 10)
        tokens = directory / "tokens"
        bench.write_tokens(server, HOT_TOKENS, tokens)
        load = ["peak", "--mix", "verify=1", "--connections", 16, "--depth", 16, "--tokens", tokens]
        load += ["--warmup", 0.3, "--duration", 4 * PLAN.seconds]
        bench.run(server, *load)
        os.sched_setaffinity(0, {int(LOAD_CORE)})
        try:
            idle = answer_times_ms(server.admin_address, path, lambda count: count >= 5 * PLAN.pairs)
            with concurrent.futures.ThreadPoolExecutor(1) as aside:
                pending = aside.submit(bench.run, server, *load)
                time.sleep(0.5)
                loaded = answer_times_ms(server.admin_address, path, lambda _: pending.done())
                pending.result()
        finally:
            os.sched_setaffinity(0, before)
        size = len(got(server.admin_address, path))
    for words, found in (("idle", idle), ("saturated", loaded)):
        print(f"  {words}: {min(found):.2f} to {max(found):.2f} ms, {len(found)} answers of about {size:,} bytes")
    return [
        Figure(saturated_name, statistics.median(loaded)),
        Figure(name, statistics.median(idle)),
    ]


def scrape_ms(bench):
    """Milliseconds for an answer of /metrics, connecting included: the median of 45, by a server with 100 000 sessions and 10 000
    cached tokens that does nothing else; then the median while it verifies as fast as it can on its one processor."""
    return endpoint_ms(bench, "scrape_ms", "scrape_saturated_ms", "/metrics")


def status_page_ms(bench):
    """Milliseconds for an answer of the status page, connecting included: the median of 45, by a server with 100 000 sessions and
    10 000 cached tokens that does nothing else; then the median while it verifies as fast as it can on its one processor."""
    return endpoint_ms(bench, "status_page_ms", "status_page_saturated_ms", "/")


def settled(read, alike=20, count=200, pause=0.1):
    """What `read` returns when it has returned the same so many times in a row."""
    value, seen = None, 0
    for _ in range(count):
        now = read()
        value, seen = now, seen + 1 if now == value else 1
        if seen == alike:
            return value
        time.sleep(pause)
    raise Invalid("the server does not come to rest")


def idle_memory_bytes(bench):
    """Private memory (RssAnon) of a server that was just started with an event loop for each processor and everything as it is by
    itself, and that nobody has asked for anything: the median of five starts in new directories."""
    found = []
    for number in range(PLAN.long_pairs):
        where = {"threads": os.cpu_count(), "core": f"{SERVER_CORE},{LOAD_CORE}", "admin": "127.0.0.1:0"}
        with Mintmark(bench, bench.directory(f"idle-{number}"), **where) as server:
            found.append(settled(lambda: private_bytes(server)))
    print("  " + ", ".join(f"{value:,}" for value in found))
    return [Figure("idle_memory_bytes", statistics.median(found))]


def package_bytes(bench):
    """Bytes of the Debian package that Tools/package builds; then those of its daemon, with the Swift runtime inside and without
    symbols, and of its three programs together."""
    package = done([ROOT / "Tools" / "package"]).splitlines()[-1]
    sizes = {}
    for line in done(["dpkg-deb", "--contents", package]).splitlines():
        fields = line.split()
        if fields[5].startswith("./usr/bin/") and fields[0].startswith("-"):
            sizes[fields[5].removeprefix("./usr/bin/")] = int(fields[2])
    if set(sizes) != {"mintmarkd", "mintmark", "mintmark-bench"}:
        raise Invalid(f"the package has other programs: {', '.join(sizes)}")
    print("  " + ", ".join(f"{name} {size:,}" for name, size in sizes.items()))
    return [
        Figure("daemon_bytes", sizes["mintmarkd"]),
        Figure("programs_bytes", sum(sizes.values())),
        Figure("package_bytes", pathlib.Path(package).stat().st_size),
    ]


MEASURES = [admin_cost_ratio, scrape_ms, status_page_ms, idle_memory_bytes, package_bytes]

TITLES = {
    "admin_cost_ratio": "known tokens verified in a second of processor time, watched",
    "scrape_ms": "milliseconds for a scrape of `/metrics`",
    "scrape_saturated_ms": "milliseconds for a scrape of a saturated server",
    "status_page_ms": "milliseconds for the status page",
    "status_page_saturated_ms": "milliseconds for the status page of a saturated server",
    "idle_memory_bytes": "bytes of private memory of an idle server",
    "daemon_bytes": "bytes of the daemon, the Swift runtime inside",
    "programs_bytes": "bytes of the three programs",
    "package_bytes": "bytes of the Debian package",
}
