"""Tests running commands: output, exit codes, time-outs, messages."""

from __future__ import annotations

import unittest

import guest_modules  # noqa: F401
from program import commands
from program.common import GuestError


class Commands(unittest.TestCase):
    def test_its_output_comes_back_and_its_input_goes_in(self) -> None:
        self.assertEqual("hello", commands.run("cat", stdin="hello"))

    def test_a_failure_names_the_command_its_code_and_its_last_error_line_but_not_its_arguments(self) -> None:
        with self.assertRaisesRegex(GuestError, "^'sh -c' ended with 3: last$"):
            commands.run("sh", "-c", "echo first >&2; echo last >&2; exit 3")

    def test_a_code_may_be_declared_good(self) -> None:
        self.assertEqual("", commands.run("sh", "-c", "exit 2", ok_codes=(0, 2)))

    def test_what_is_not_installed_and_what_takes_too_long_are_failures(self) -> None:
        self.assertEqual((127, "", "it is not installed"), commands.try_run("no-such-command"))
        self.assertEqual((124, "", "nothing came of it in 0 s"), commands.try_run("sleep", "60", timeout=0.02))

    def test_output_that_is_no_utf8_is_no_error(self) -> None:
        self.assertEqual("\ufffd", commands.run("printf", r"\377"))


if __name__ == "__main__":
    unittest.main()
