"""Tests when failed work is tried again."""

from __future__ import annotations

import time
import unittest
from unittest import mock

import guest_modules  # noqa: F401
from program.backoff import Backoff


class BackoffTest(unittest.TestCase):
    def test_delays_double_from_the_first_to_the_longest(self) -> None:
        backoff = Backoff(2, 60)
        for expected in (2, 4, 8, 16, 32, 60, 60):
            self.assertTrue(0.75 * expected <= backoff.failed() <= 1.25 * expected)

    def test_it_does_nothing_and_says_the_same_until_the_delay_is_over(self) -> None:
        backoff = Backoff(10, 10)
        work = mock.Mock(side_effect=[ValueError("first"), None, ValueError("third")])
        with mock.patch.object(time, "monotonic", return_value=100.0) as clock:
            for _ in range(3):
                with self.assertRaisesRegex(ValueError, "first"):
                    backoff.attempt(work)
            self.assertEqual(1, work.call_count)
            clock.return_value = 113.0
            backoff.attempt(work)
            with self.assertRaisesRegex(ValueError, "third"):
                backoff.attempt(work)
        self.assertEqual((3, 1), (work.call_count, backoff.failures))

    def test_a_million_failures_are_no_error(self) -> None:
        backoff = Backoff(1, 60)
        backoff.failures = 10**6
        self.assertLessEqual(backoff.failed(), 75)


if __name__ == "__main__":
    unittest.main()
