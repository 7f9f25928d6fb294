"""Tests the paths of the program's files."""

from __future__ import annotations

import unittest
from pathlib import Path

import guest_modules  # noqa: F401
from program import common


class Paths(unittest.TestCase):
    def test_everything_is_under_the_root_that_it_was_given(self) -> None:
        paths = [value for value in vars(common).values() if isinstance(value, Path)]
        self.assertGreater(len(paths), 10)
        for path in paths:
            self.assertTrue(path.is_relative_to(common.ROOT), path)

    def test_a_path_of_the_payload_is_under_it_too_also_when_it_is_absolute(self) -> None:
        self.assertEqual(common.ROOT / "data/home-coder", common.under_root("/data/home-coder"))
        self.assertEqual(common.ROOT / "data", common.under_root("//data"))


if __name__ == "__main__":
    unittest.main()
