"""How much is measured, and where."""

import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SERVER_CORE, LOAD_CORE = "0", "1"
# How often a turn is repeated in which others took a processor away.
REPETITIONS_MAX = 5
# For how long the processors' speed is looked at around a short turn.
SPEED_SECONDS = 0.03
# For each pair of short turns that is kept, so many may be discarded: because a processor was disturbed or changed its speed,
# and because the generator did not keep the server busy.
UNSTEADY_PER_PAIR_MAX = 6
UNSATURATED_PER_PAIR_MAX = 1
# What a percentile needs is not shortened below this: a thousand answers at a thousand a second, and some more.
LATENCY_SECONDS_MIN = 1.2
HOT_TOKENS = 10_000


@dataclasses.dataclass
class Plan:
    pairs: int = 9
    # Where a pair takes long.
    long_pairs: int = 5
    seconds: float = 2.0
    # Where turns can be so short that the processor mostly keeps its speed for a pair of them.
    short_pairs: int = 25
    short_seconds: float = 0.4
    core_share_min: float = 0.95
    # So much of a processor may be taken away in a turn.
    disturbance_max: float = 0.03
    # So much slower a processor may become in a pair of short turns. What shares a core with it on the machine below takes a
    # third of its speed, for a second or a few, and no counter shows that.
    speed_change_max: float = 0.1
    sessions: int = 1_000_000

    def become_quick(self):
        """Leaves of everything only so much as shows that the script works."""
        self.pairs = self.long_pairs = self.short_pairs = 1
        self.seconds, self.core_share_min, self.sessions = 0.5, 0, 100_000
        self.disturbance_max = self.speed_change_max = 1


# The one that holds: figures ask it when they are measured.
PLAN = Plan()
