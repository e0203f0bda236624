"""What a million sessions take: memory, time to load, and the wait of callers while a snapshot of them is written. And what a
start takes without any."""

import json
import statistics

from measures.aside import again_and_again, looked_at_during
from measures.judging import Invalid, punctual
from measures.plan import LOAD_CORE, PLAN
from measures.programs import done, pinned
from measures.reports import percentile_us
from measures.servers import Mintmark


def open_sessions(bench, server, count):
    """Opens sessions with subjects of 36 bytes and 64 bytes of claims; returns how many the server has then."""
    command = [bench.bin / "mintmark-bench", "peak", "--mix", "refresh=1", "--connections", 1, "--depth", 1, "--requests", 1]
    command += ["--sessions", count, "--server", server.address, "--json", "-"]
    # One request says nothing about speed, so the generator may well find its figure invalid.
    return json.loads(done(pinned(LOAD_CORE, *command), allowed=(0, 12)))["server"]["stats_after"]["sessions"]


def take_snapshot(bench, server):
    command = [bench.bin / "mintmark", "snapshot", "--timeout", "300", "--unix", server.unix]
    done(pinned(LOAD_CORE, *command))


def bytes_per_session(bench):
    """Resident memory that one million sessions add, divided by their number: subjects of 36 bytes, 64 bytes of claims. The
    cache of verified tokens is off. Then the greatest resident memory while a snapshot of them is written, over that before."""
    with Mintmark(bench, bench.directory("sessions"), tokens_cache_size=0) as server:
        few = open_sessions(bench, server, 1_000)
        before = server.resident_bytes()
        many = open_sessions(bench, server, PLAN.sessions)
        after = server.resident_bytes()
        print(f"  resident before {before:,} bytes, after {after:,} bytes; sessions before {few:,}, after {many:,}")
        if many - few != PLAN.sessions:
            raise Invalid("the server has not as many sessions as were opened")
        greatest = max([after, *looked_at_during(lambda: take_snapshot(bench, server), server.resident_bytes)])
        print(f"  greatest while a snapshot was written {greatest:,} bytes")
        return [
            ("bytes_per_session", (after - before) / PLAN.sessions),
            ("snapshot_memory_ratio", greatest / after),
        ]


def snapshot_load_s_per_million(bench):
    """Seconds from starting the process to its readiness with a snapshot of one million sessions, less those of a start with
    none: the median of five starts."""
    directory = bench.directory("load")
    with Mintmark(bench, directory, storage_durability="snapshot") as server:
        open_sessions(bench, server, PLAN.sessions)
    empty, full = [], []
    for number in range(PLAN.long_pairs):
        with Mintmark(bench, bench.directory(f"load-empty-{number}")) as server:
            empty.append(server.start_ms)
        with Mintmark(bench, directory) as server:
            full.append(server.start_ms)
    print(f"  empty {', '.join(f'{value:.0f}' for value in empty)} ms; full {', '.join(f'{value:.0f}' for value in full)} ms")
    return [("snapshot_load_s_per_million", (statistics.median(full) - statistics.median(empty)) / 1000)]


def verify_p99_during_snapshot_ratio(bench):
    """99th percentile of verification (cached, 20 000 a second, beside 500 refreshes a second, open loop, from the time that
    each was due) while snapshots of one million sessions are written one after the other, over the same without: the median
    of five pairs. A ratio above 2 is of no matter while the percentile is below a millisecond."""
    directory = bench.directory("p99")
    with Mintmark(bench, directory, storage_snapshot_interval="24h") as server:
        open_sessions(bench, server, PLAN.sessions)
        tokens = bench.hot_tokens(server, directory)
        arguments = ["run", "--rate", 20_500, "--mix", "verify=40,refresh=1", "--tokens", tokens, "--connections", 16]
        arguments += ["--sessions", 5_000, "--duration", 3 * PLAN.seconds, "--warmup", 0.5, "--spin"]

        def p99():
            report = punctual(lambda: bench.load(server, *arguments, saturates=False))
            return percentile_us(report, "verify")

        ratios, values = [], []
        for pair in range(1, PLAN.long_pairs + 1):
            without = p99()
            value, count = again_and_again(lambda: take_snapshot(bench, server), p99)
            values.append(value)
            ratios.append(value / without)
            print(f"  {pair}  without {without:,.0f} µs, with {value:,.0f} µs ({count} snapshots), ratio {ratios[-1]:.2f}")
        return [
            ("verify_p99_during_snapshot_us", statistics.median(values)),
            ("verify_p99_during_snapshot_ratio", statistics.median(ratios)),
        ]


def start_ms(bench):
    """Milliseconds from starting the process to its readiness, keys made: the median of nine starts in new directories."""
    found = []
    for number in range(PLAN.pairs):
        with Mintmark(bench, bench.directory(f"start-{number}")) as server:
            found.append(server.start_ms)
    print("  " + ", ".join(f"{value:.1f}" for value in found))
    return [("start_ms", statistics.median(found))]


MEASURES = [
    bytes_per_session,
    snapshot_load_s_per_million,
    verify_p99_during_snapshot_ratio,
    start_ms,
]
TITLES = {
    "bytes_per_session": "resident bytes for each session",
    "snapshot_memory_ratio": "resident memory while a snapshot is written, over before",
    "snapshot_load_s_per_million": "seconds to load a million sessions",
    "verify_p99_during_snapshot_us": "microseconds of the 99th percentile of verification during a snapshot",
    "verify_p99_during_snapshot_ratio": "99th percentile of verification during a snapshot, over without",
    "start_ms": "milliseconds from start to readiness",
}
