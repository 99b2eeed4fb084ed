"""How often somebody may ask: a bucket of tokens that fills again, one for each who asks.

Kept in memory, so each worker process counts by itself; a limit is divided by their number.
"""

import threading
import time
from dataclasses import dataclass, field
from math import ceil

#: Buckets that are full again are forgotten once there are so many.
MOST_BUCKETS = 10_000


@dataclass
class Limit:
    """`burst` at once, and `per_second` in the long run."""

    per_second: float
    burst: float
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds_to_wait(self, who: str) -> int:
        """0 where one more request may come now, and it is counted; else whole seconds."""
        now = time.monotonic()
        with self._lock:
            left = self._refilled(who, now)
            if left >= 1:
                self._left[who] = (left - 1, now)
                return 0
            return ceil((1 - left) / self.per_second)

    def forget(self) -> None:
        """Nobody has asked for anything yet."""
        with self._lock:
            self._left.clear()

    def _refilled(self, who: str, now: float) -> float:
        if len(self._left) > MOST_BUCKETS:
            self._forget(now)
        left, at = self._left.get(who, (self.burst, now))
        return min(self.burst, left + (now - at) * self.per_second)

    def _forget(self, now: float) -> None:
        full = [w for w in self._left if self._level(w, now) >= self.burst]
        for who in full or list(self._left):
            del self._left[who]

    def _level(self, who: str, now: float) -> float:
        left, at = self._left[who]
        return left + (now - at) * self.per_second
