"""What is taken for a measurement and what is not, and how pairs of turns become a figure."""

import random
import statistics

from measures.plan import PLAN, REPETITIONS_MAX, UNSATURATED_PER_PAIR_MAX, UNSTEADY_PER_PAIR_MAX


class Invalid(Exception):
    """What was measured is not what was to be measured."""


class Unsteady(Invalid):
    """A processor was disturbed, or changed its speed, during the turn: the next one may stand."""


class Unsaturated(Unsteady):
    """The generator did not keep the server busy, and nothing is known that disturbed it."""


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
        raise Unsaturated(f"{whom} used {share:.1%} of its processor" + (f"; {account}" if account else ""))


def require_sound(report, saturates=True, account=None, sheds=False):
    """Holds a report of the generator against what every turn needs: no errors, but BUSY where the server may shed load."""
    if set(report["errors"]) - ({"shed_busy"} if sheds else set()):
        raise Invalid(f"errors: {report['errors']}")
    if saturates:
        require_saturated("the server", report["server"]["cores_used"], account)


def require_whole(whom, share):
    """For whoever works alone: nobody took the processor away."""
    if 1 - share > PLAN.disturbance_max:
        raise Unsteady(f"{whom} used {share:.1%} of its processor")


def require_steady(looks):
    """Holds the speeds of both processors, as they were looked at one time after the other, against what a pair needs."""
    servers, generators = zip(*looks)
    least = (1 - PLAN.speed_change_max) * max(servers)
    if min(servers) < least:
        raise Unsteady(f"the server's processor changed its speed, between {min(servers):.0f} and {max(servers):.0f}")
    if min(generators) < least:
        raise Unsteady(f"the generator's processor was slower, {min(generators):.0f} beside {max(servers):.0f}")


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
        if taken <= PLAN.disturbance_max or not saturates:
            break
        print(f"  disturbed: {account}", flush=True)
    require_sound(report, saturates, account, sheds)
    return report


def require_undisturbed(report, saturates=True):
    """Holds a report of a short turn against what it needs: no errors, and no processor taken away."""
    require_sound(report, saturates=False)
    taken, account = disturbance(report)
    if saturates and taken > PLAN.disturbance_max:
        raise Unsteady(account)
    require_sound(report, saturates, account)


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


class Pairs:
    """Turns of two sides, taken one beside the other."""

    def __init__(self, ours, theirs, their_name):
        self.turns = {"ours": ours, "theirs": theirs}
        self.their_name = their_name
        self.sides = {side: [] for side in self.turns}
        self.ratios = []

    def take(self, between=lambda: None):
        """Both turns, the first at random; `between` is called before, between and behind them."""
        order = list(self.turns)
        random.shuffle(order)
        between()
        found = {}
        for side in order:
            found[side] = self.turns[side]()
            between()
        return found

    def keep(self, found):
        for side, value in found.items():
            self.sides[side].append(value)
        self.ratios.append(found["ours"] / found["theirs"])
        beside = f"{found['ours']:>12,.0f}/s  {self.their_name} {found['theirs']:>12,.0f}/s"
        print(f"  {len(self.ratios)}  {beside}  ratio {self.ratios[-1]:.3f}", flush=True)

    def figure(self, name, **more):
        print(f"  spread of the ratios: {min(self.ratios):.3f} to {max(self.ratios):.3f}")
        details = {"ratios": self.ratios, "compared_with": self.their_name, **self.sides, **more}
        return [Figure(name, statistics.median(self.ratios), **details)]


def median_of_pairs(name, ours, theirs, their_name):
    """Takes turns, and tells the median of the ratios."""
    pairs = Pairs(ours, theirs, their_name)
    for _ in range(PLAN.pairs):
        pairs.keep(pairs.take())
    return pairs.figure(name)


def median_of_short_pairs(name, ours, theirs, their_name, speeds):
    """Takes short turns, and tells the median of the ratios of those pairs that nothing has disturbed. `speeds` tells how fast
    the processors of server and generator are: before a pair, between its turns and behind it."""
    pairs, discarded = Pairs(ours, theirs, their_name), {Unsteady: 0, Unsaturated: 0}
    allowed = {Unsteady: UNSTEADY_PER_PAIR_MAX * PLAN.short_pairs, Unsaturated: UNSATURATED_PER_PAIR_MAX * PLAN.short_pairs}
    while len(pairs.ratios) < PLAN.short_pairs:
        looks = []
        try:
            found = pairs.take(between=lambda: looks.append(speeds()))
            require_steady(looks)
        except Unsteady as reason:
            kind = type(reason)
            discarded[kind] += 1
            if discarded[kind] > allowed[kind]:
                raise Invalid(f"{discarded[kind]} pairs of turns were discarded; the last: {reason}") from reason
            continue
        pairs.keep(found)
    counts = {kind.__name__.lower(): count for kind, count in discarded.items()}
    print("  discarded: " + ", ".join(f"{count} pairs {kind}" for kind, count in counts.items()), flush=True)
    return pairs.figure(name, discarded=counts)
