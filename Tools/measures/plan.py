"""How much is measured, and where."""

import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SERVER_CORE, LOAD_CORE = "0", "1"
# So much of a processor may be taken away in a turn.
DISTURBANCE_MAX = 0.03
REPETITIONS_MAX = 5
# What a percentile needs is not shortened below this: a thousand answers at a thousand a second, and some more.
LATENCY_SECONDS_MIN = 1.2
HOT_TOKENS = 10_000


@dataclasses.dataclass
class Plan:
    pairs: int = 9
    # Where a pair takes long.
    long_pairs: int = 5
    seconds: float = 2.0
    core_share_min: float = 0.95
    sessions: int = 1_000_000

    def become_quick(self):
        """Leaves of everything only so much as shows that the script works."""
        self.pairs = self.long_pairs = 1
        self.seconds, self.core_share_min, self.sessions = 0.5, 0, 100_000


# The one that holds: figures ask it when they are measured.
PLAN = Plan()
