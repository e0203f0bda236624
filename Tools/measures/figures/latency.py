"""How long callers wait, from idle to saturation."""

import statistics

from measures.judging import Figure, Invalid, punctual
from measures.plan import LATENCY_SECONDS_MIN, PLAN
from measures.reports import percentile_us, rate
from measures.servers import Echo, Mintmark

# Callers that know nothing of each other come one by one. With many requests underway on each connection, as programs that
# gather them have, the server does several times as much for each of its turns, and half of that would be more than all of this.
PEAK = ["--depth", 1]
CURVE_SHARES = [0.01, 0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0]
# The greatest 99th percentile that the curve counts as kept.
CURVE_P99_US_MAX = 1000
# It has no load and another task: what it takes stands beside, without a ratio.
ECHO = "an idle echo server in Python, one message at a time"


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def p99_at_half_load_us(bench):
    """99th percentile of verification (cached, 16 connections, open loop, from the time that each was due) at half of what the
    server verifies when each connection has one request underway: the median of nine turns. Beside each turn the 99th percentile
    of the round trip of an echo server on the same processor: it is written in Python and otherwise idle, and is sent one
    message at a time. That tells what the machine takes for a round trip, and makes no ratio. The generator sleeps between
    requests, as callers do."""
    directory = bench.directory("half")
    with Mintmark(bench, directory) as server:
        tokens = bench.hot_tokens(server, directory)
        common = ["--mix", "verify=1", "--tokens", tokens, "--connections", 16, "--warmup", 0.3]
        peak = rate(bench.load(server, "peak", *common, *PEAK, "--spin", "--duration", PLAN.seconds), "verify")
        half = round(peak / 2)
        ours, theirs = [], []
        for turn in range(1, PLAN.pairs + 1):
            arguments = ["run", *common, "--rate", half, "--duration", PLAN.seconds]
            report = punctual(lambda: bench.load(server, *arguments, saturates=False))
            ours.append(percentile_us(report, "verify"))
            with Echo() as echo:
                theirs.append(percentile(echo.round_trips_us(PLAN.seconds / 2), 0.99))
            print(f"  {turn}  p99 at {half:,}/s {ours[-1]:,.0f} µs; echo server {theirs[-1]:,.0f} µs", flush=True)
        details = {"unit": "µs", "compared_with": ECHO, "ours": ours, "theirs": theirs, "per_second": half}
        return [
            Figure("echo_p99_us", statistics.median(theirs), unit="µs"),
            Figure("p99_at_half_load_us", statistics.median(ours), **details),
        ]


def share_kept(curve):
    """The last share of a rising curve before the first at which the 99th percentile is above a millisecond."""
    kept = None
    for point in curve:
        if point["p99_us"] > CURVE_P99_US_MAX:
            break
        kept = point["share"]
    if kept is None:
        raise Invalid("the 99th percentile was above a millisecond from the first rate on")
    return kept


def latency_curve(bench):
    """50th and 99th percentile of verification (cached, open loop, from the time that each was due) from idle to saturation: at
    shares of what the server verifies when each of 16 connections has one request underway. The figure is the last of these
    shares before the first at which the 99th percentile is above a millisecond."""
    directory = bench.directory("curve")
    with Mintmark(bench, directory) as server:
        tokens = bench.hot_tokens(server, directory)
        common = ["--mix", "verify=1", "--tokens", tokens, "--connections", 16, "--warmup", 0.3, "--spin"]
        peak = rate(bench.load(server, "peak", *common, *PEAK, "--duration", PLAN.seconds), "verify")
        curve = []
        for share in CURVE_SHARES:
            per_second = round(share * peak)
            # Long enough for a 99th percentile.
            seconds = max(PLAN.seconds, LATENCY_SECONDS_MIN * 1000 / per_second)
            report = punctual(lambda: bench.run(server, "run", *common, "--rate", per_second, "--duration", seconds))
            # Near saturation and above it, some of what is due is not sent in time.
            if set(report["errors"]) - {"not_sent_inflight_cap"}:
                raise Invalid(f"errors: {report['errors']}")
            p50, p99 = (percentile_us(report, "verify", name) for name in ("p50", "p99"))
            curve.append({"share": share, "per_second": per_second, "p50_us": p50, "p99_us": p99})
            print(f"  {share:>4.0%} of {peak:,.0f}/s: p50 {p50:,.0f} µs, p99 {p99:,.0f} µs", flush=True)
        return [Figure("latency_curve", share_kept(curve), curve=curve, peak_per_second=peak)]


MEASURES = [
    p99_at_half_load_us,
    latency_curve,
]
TITLES = {
    "p99_at_half_load_us": "99th percentile of verification at half load",
    "latency_curve": "last share of the peak before the first with a 99th percentile above 1 ms",
}
