"""How much is measured, and where."""

import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SERVER_CORE, LOAD_CORE = "0", "1"
# So much of a processor may be taken away in a turn.
DISTURBANCE_MAX = 0.03
REPETITIONS_MAX = 5
# So much of its speed the server's processor may gain or lose while a pair of short turns is taken. What shares a core with it
# on the machine below takes a third, for a second or a few, and is told to nobody.
SPEED_CHANGE_MAX = 0.1
SPEED_SECONDS = 0.03
# As many times as pairs are wanted, short ones are tried.
TRIES_PER_PAIR_MAX = 6
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
    sessions: int = 1_000_000

    def become_quick(self):
        """Leaves of everything only so much as shows that the script works."""
        self.pairs = self.long_pairs = self.short_pairs = 1
        self.seconds, self.core_share_min, self.sessions = 0.5, 0, 100_000


# The one that holds: figures ask it when they are measured.
PLAN = Plan()
