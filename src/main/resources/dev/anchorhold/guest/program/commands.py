"""Runs programs with a time limit and turns their failures into errors that an owner can read."""

from __future__ import annotations

import os
import subprocess

from .common import GuestError


def run(*command: str, timeout: float = 60, ok_codes: tuple[int, ...] = (0,), stdin: str = "") -> str:
    """The command's output. A GuestError with its last error line when it ends with any other code."""
    code, output, error = try_run(*command, timeout=timeout, stdin=stdin)
    if code not in ok_codes:
        raise GuestError(f"'{' '.join(command[:2])}' ended with {code}: {error or output}"[:500])
    return output


def try_run(*command: str, timeout: float = 60, stdin: str = "") -> tuple[int, str, str]:
    """Exit code, output, and the last line of its errors."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, errors="replace", timeout=timeout, env=environment
        )
    except FileNotFoundError:
        return 127, "", "it is not installed"
    except subprocess.TimeoutExpired:
        return 124, "", f"nothing came of it in {timeout:.0f} s"
    errors = done.stderr.strip().splitlines()
    return done.returncode, done.stdout, errors[-1] if errors else ""
