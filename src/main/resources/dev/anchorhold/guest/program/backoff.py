"""Exponential back-off with jitter for work that keeps failing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


class Backoff:
    """After failures in a row it waits `first_delay` seconds, then twice that, at most `max_delay`."""

    def __init__(self, first_delay: float, max_delay: float) -> None:
        self.first_delay, self.max_delay = first_delay, max_delay
        self.failures, self.retry_at = 0, 0.0
        self.last_error: Exception | None = None

    def failed(self) -> float:
        """For how long to wait now."""
        delay: float = min(self.max_delay, self.first_delay * 2 ** min(self.failures, 20)) * random.uniform(0.75, 1.25)
        self.failures += 1
        self.retry_at = time.monotonic() + delay
        return delay

    def succeeded(self) -> None:
        self.failures, self.retry_at, self.last_error = 0, 0.0, None

    def attempt(self, work: Callable[[], None]) -> None:
        """While it waits, it raises the last error again and does nothing."""
        if self.last_error and time.monotonic() < self.retry_at:
            raise self.last_error
        try:
            work()
        except Exception as error:
            self.last_error = error
            self.failed()
            raise
        self.succeeded()
