"""Tests which packages are installed, and from where."""

from __future__ import annotations

import contextlib
import io
import shutil
import stat
import tempfile
import unittest
import urllib.request
from pathlib import Path
from unittest import mock

import guest_modules  # noqa: F401
from program import packages


class Packages(unittest.TestCase):
    def installed(self, *present: str) -> list[str]:
        """The packages that are installed where these commands are there already."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "etc/apt/sources.list.d").mkdir(parents=True)
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(packages, "ROOT", self.root))
            stack.enter_context(mock.patch.object(shutil, "which", lambda name: name in present or None))
            key = mock.patch.object(urllib.request, "urlopen", return_value=io.BytesIO(b"key"))
            self.key = stack.enter_context(key)
            run = stack.enter_context(mock.patch.object(packages, "run"))
            packages.install_missing_packages()
        calls = [call.args for call in run.call_args_list]
        return [word for call in calls if "install" in call for word in call[call.index("install") + 3 :]]

    def test_nothing_is_asked_of_the_network_when_all_is_there(self) -> None:
        self.assertEqual([], self.installed("dockerd", "nft", "ip", "mkfs.ext4", "cloudflared"))
        self.key.assert_not_called()

    def test_only_what_is_missing_is_installed(self) -> None:
        self.assertEqual(["nftables"], self.installed("dockerd", "ip", "mkfs.ext4", "cloudflared"))

    def test_the_connector_comes_from_its_makers_repository_by_its_makers_key(self) -> None:
        self.assertEqual(["cloudflared"], self.installed("dockerd", "nft", "ip", "mkfs.ext4"))
        source = self.root / "etc/apt/sources.list.d/cloudflared.list"
        keyring = self.root / "usr/share/keyrings/cloudflare-main.gpg"
        line = f"deb [signed-by={keyring}] https://pkg.cloudflare.com/cloudflared any main\n"
        self.assertEqual(line, source.read_text())
        self.assertEqual(b"key", keyring.read_bytes())
        self.assertEqual([0o644, 0o644], [stat.S_IMODE(path.stat().st_mode) for path in (source, keyring)])


if __name__ == "__main__":
    unittest.main()
