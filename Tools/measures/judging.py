"""What is taken for a measurement and what is not, and how pairs of turns become a figure."""

import random
import statistics

from measures.plan import DISTURBANCE_MAX, PLAN, REPETITIONS_MAX


class Invalid(Exception):
    """What was measured is not what was to be measured."""


class Figure(tuple):
    """A name and its value, and what else there is to tell of it."""

    def __new__(cls, name, value, **details):
        figure = super().__new__(cls, (name, value))
        figure.details = details
        return figure


def require_saturated(whom, share, account=None):
    if share is None:
        raise Invalid(f"how much of its processor {whom} used is not known")
    if share < PLAN.core_share_min:
        raise Invalid(f"{whom} used {share:.1%} of its processor" + (f"; {account}" if account else ""))


def require_sound(report, saturates=True, account=None, sheds=False):
    """Holds a report of the generator against what every turn needs: no errors, but BUSY where the server may shed load."""
    if set(report["errors"]) - ({"shed_busy"} if sheds else set()):
        raise Invalid(f"errors: {report['errors']}")
    if saturates:
        require_saturated("the server", report["server"]["cores_used"], account)


def require_sampled(report):
    if not report["answers_sampled"]:
        raise Invalid("no signature was checked")


def require_cold(report):
    hits = report["server"]["stats_after"]["verify_cache_hits"]
    if hits:
        raise Invalid(f"{hits} answers came from the cache")


def disturbance(report):
    """How much of a processor was taken away from server or generator, and what became of the server's, in words."""
    server, generator = report["server"], report["generator"]["core_share_max"]
    used, idle, stolen = (server[name] or 0.0 for name in ("cores_used", "cores_idle", "cores_stolen"))
    others = max(0.0, 1 - used - idle - stolen)
    account = (
        f"{idle:.1%} was idle, {stolen:.1%} stolen by the machine below, {others:.1%} went to others; "
        f"the generator had {generator:.1%} of its own"
    )
    # A generator that never sleeps has all of its processor, unless it is taken away.
    return max(stolen + others, 1 - generator), account


def undisturbed(run, saturates=True, sheds=False):
    """The report of `run`, called again while others take processors away from it, up to a bound."""
    for _ in range(1 + REPETITIONS_MAX):
        report = run()
        taken, account = disturbance(report)
        if taken <= DISTURBANCE_MAX or not saturates:
            break
        print(f"  disturbed: {account}", flush=True)
    require_sound(report, saturates, account, sheds)
    return report


def punctual(run):
    """The report of `run`, called again while the generator says of itself that it was late or busy, up to a bound: what it
    tells of latency is then its own."""
    for _ in range(1 + REPETITIONS_MAX):
        report = run()
        reasons = report["verdict"]["reasons"]
        if report["verdict"]["result"] == "valid":
            return report
        print(f"  not punctual: {'; '.join(reasons)}", flush=True)
    raise Invalid(f"the generator was late in every turn: {'; '.join(reasons)}")


def median_of_pairs(name, ours, theirs, their_name):
    """Takes turns, and tells the median of the ratios."""
    ratios, sides = [], {"ours": [], "theirs": []}
    for pair in range(1, PLAN.pairs + 1):
        turns = [("ours", ours), ("theirs", theirs)]
        random.shuffle(turns)
        found = {side: turn() for side, turn in turns}
        ratios.append(found["ours"] / found["theirs"])
        for side, value in found.items():
            sides[side].append(value)
        print(f"  {pair}  {found['ours']:>12,.0f}/s  {their_name} {found['theirs']:>12,.0f}/s  ratio {ratios[-1]:.3f}", flush=True)
    print(f"  spread of the ratios: {min(ratios):.3f} to {max(ratios):.3f}")
    details = {"ratios": ratios, "compared_with": their_name, **sides}
    return [Figure(name, statistics.median(ratios), **details)]
