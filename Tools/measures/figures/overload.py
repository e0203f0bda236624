"""What becomes of callers when others ask for too much."""

import statistics
import subprocess
import time

from measures.judging import Invalid, punctual
from measures.plan import LATENCY_SECONDS_MIN, LOAD_CORE, PLAN
from measures.programs import environment, pinned
from measures.reports import answered_in_time, percentile_us, rate
from measures.servers import Mintmark

# In which an answer is of use, in overload.
DEADLINE_SECONDS = 0.05


def fairness_p99_ratio(bench):
    """99th percentile of verification (cached, 1 000 a second on one connection, open loop) while another connection of the
    same event loop keeps 10 000 verifications underway, over the same without: the median of five pairs."""
    directory = bench.directory("fairness")
    with Mintmark(bench, directory, limits_in_flight=16_384) as server:
        tokens = bench.hot_tokens(server, directory)
        arguments = ["run", "--rate", 1_000, "--mix", "verify=1", "--tokens", tokens, "--connections", 1]
        arguments += ["--duration", max(1.5 * PLAN.seconds, LATENCY_SECONDS_MIN)]
        greedy = [bench.bin / "mintmark-bench", "peak", "--mix", "verify=1", "--tokens", tokens, "--connections", 1]
        greedy += ["--depth", 10_000, "--duration", 60, "--server", server.address]

        def p99():
            report = punctual(lambda: bench.load(server, *arguments, saturates=False))
            return percentile_us(report, "verify")

        def beside():
            # Whoever waits is favoured, as both generators share a processor.
            command = pinned(LOAD_CORE, "nice", "-n", "19", *greedy)
            flood = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
            time.sleep(1)
            try:
                value = p99()
                if flood.poll() is not None:
                    raise Invalid("nobody flooded the server")
                return value
            finally:
                flood.kill()
                flood.wait()

        ratios = []
        for pair in range(1, PLAN.long_pairs + 1):
            alone, value = p99(), beside()
            ratios.append(value / alone)
            print(f"  {pair}  alone {alone:,.0f} µs, beside a flood {value:,.0f} µs, ratio {ratios[-1]:.2f}", flush=True)
        return [("fairness_p99_ratio", statistics.median(ratios))]


def overload_goodput_ratio(bench):
    """Tokens signed in a second and answered within 50 ms of when they were due, when twice as many are asked for as the
    server can make, over what it can make; all others are told BUSY. 16 connections, open loop: the median of five pairs.
    Then the server's greatest resident memory in overload, over that before."""
    with Mintmark(bench, bench.directory("overload")) as server:
        common = ["--mix", "sign=1", "--connections", 16, "--warmup", 0.5, "--duration", PLAN.seconds, "--spin"]

        def peak():
            return rate(bench.load(server, "peak", *common), "sign")

        before = peak()
        resident = server.resident_bytes()
        ratios, greatest = [], resident
        for pair in range(1, PLAN.long_pairs + 1):
            arguments = ["run", *common, "--rate", round(2 * before), "--depth", 1_024]
            report = bench.load(server, *arguments, sheds=True)
            goodput = answered_in_time(report, "sign", DEADLINE_SECONDS)
            busy = report["errors"].get("shed_busy", 0) / report["measured_seconds"]
            greatest = max(greatest, server.resident_bytes())
            after = peak()
            ratios.append(2 * goodput / (before + after))
            print(
                f"  {pair}  peak {before:,.0f}/s, {after:,.0f}/s; in overload {goodput:,.0f}/s in time of "
                f"{rate(report, 'sign'):,.0f}/s, BUSY {busy:,.0f}/s, ratio {ratios[-1]:.3f}",
                flush=True,
            )
            before = after
        return [
            ("overload_memory_ratio", greatest / resident),
            ("overload_goodput_ratio", statistics.median(ratios)),
        ]


MEASURES = [
    fairness_p99_ratio,
    overload_goodput_ratio,
]
TITLES = {
    "fairness_p99_ratio": "99th percentile beside a flood, over without",
    "overload_goodput_ratio": "answered at twice the possible load, over the peak",
    "overload_memory_ratio": "resident memory in overload, over before",
}
