"""How fast the generator itself is."""

import statistics

from measures.judging import Figure, require_saturated, require_sound
from measures.plan import PLAN
from measures.reports import rate
from measures.servers import Answerer


def generator_per_second(bench):
    """Verifications that the generator sends in a second with one processor, over TCP, 16 connections, 16 requests underway on
    each, 10 000 tokens again and again, answers with claims: it looks at each answer, and checks one in 256 byte by byte. The
    server has the other processor and costs less than the generator, as it looks answers up in a table. The generator sleeps
    where it waits, so having all of its processor means that nothing but itself limits it. The median of nine runs."""
    directory = bench.directory("generator")
    with Answerer(bench, directory) as server:
        tokens = bench.hot_tokens(server, directory)
        arguments = ["peak", "--mix", "verify=1", "--connections", 16, "--depth", 16, "--tokens", tokens]
        found = []
        for turn in range(1, PLAN.pairs + 1):
            report = bench.run(server, *arguments, "--duration", PLAN.seconds, "--warmup", 0.3)
            require_sound(report, saturates=False)
            share = report["generator"]["core_share_max"]
            require_saturated("the generator", share)
            found.append(rate(report, "verify"))
            used = report["server"]["cores_used"]
            print(f"  {turn}  {found[-1]:>12,.0f}/s  with {share:.1%} of a processor, the server with {used:.1%}", flush=True)
        return [Figure("generator_per_second", statistics.median(found), turns=found)]


MEASURES = [
    generator_per_second,
]
TITLES = {
    "generator_per_second": "verifications that the load tool sends in a second, with one processor",
}
