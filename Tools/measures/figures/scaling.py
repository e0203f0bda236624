"""What several event loops cost each other."""

import random
import statistics

from measures.judging import Figure
from measures.plan import LOAD_CORE, PLAN, SERVER_CORE
from measures.servers import Mintmark


def scaling(bench):
    """Processor time that the server spends on an operation with two event loops, over that with one: the median of nine pairs,
    in which both servers run on both processors beside the generator. First for SIGN and for VERIFY (cached) alone, then
    for the mix of 1 SIGN, 8 VERIFY and 1 REFRESH. Above 1 is what loops cost each other."""
    results = []
    for label, mix in [("_sign", "sign=1"), ("_verify", "verify=1"), ("", "sign=1,verify=8,refresh=1")]:

        def microseconds(threads):
            where = {"threads": threads, "core": f"{SERVER_CORE},{LOAD_CORE}"}
            with Mintmark(bench, bench.directory(f"scaling{label}-{threads}"), **where) as server:
                # What limits here is the machine, which server and generator share, so neither has to be saturated.
                common = ["peak", "--mix", mix, "--connections", 16, "--duration", PLAN.seconds, "--warmup", 0.3]
                return bench.load(server, *common, saturates=False)["server"]["cpu_us_per_operation"]

        ratios, sides = [], {"ours": [], "theirs": []}
        for pair in range(1, PLAN.pairs + 1):
            order = [2, 1]
            random.shuffle(order)
            found = {threads: microseconds(threads) for threads in order}
            sides["ours"].append(found[2])
            sides["theirs"].append(found[1])
            ratios.append(found[2] / found[1])
            print(f"  {mix}  {pair}  two loops {found[2]:.2f} µs, one {found[1]:.2f} µs, ratio {ratios[-1]:.3f}", flush=True)
        details = {"unit": "µs", "compared_with": "with one event loop", "ratios": ratios, **sides}
        results.append(Figure(f"scaling{label}", statistics.median(ratios), **details))
    return results


MEASURES = [
    scaling,
]
TITLES = {
    "scaling": "server's processor time for an operation, two event loops",
}
