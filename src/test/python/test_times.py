"""Tests parsing and formatting of times."""

from __future__ import annotations

import unittest

import guest_modules  # noqa: F401
from program.times import format_time, parse_time


class Times(unittest.TestCase):
    def test_they_are_written_in_utc_with_milliseconds(self) -> None:
        self.assertEqual("2026-11-24T14:00:00.500Z", format_time(1795528800.5))
        self.assertEqual("2026-11-24T14:00:00.000Z", format_time(1795528800))

    def test_they_are_read_with_and_without_a_fraction(self) -> None:
        for text in ("2026-11-24T14:00:00", "2026-11-24T14:00:00Z", "2026-11-24T14:00:00.123456789Z"):
            self.assertEqual(1795528800.0, parse_time(text))


if __name__ == "__main__":
    unittest.main()
