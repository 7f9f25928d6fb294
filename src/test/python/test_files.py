"""Tests that files are written atomically."""

from __future__ import annotations

import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import guest_modules  # noqa: F401
from program import files


class Files(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name, "file")

    def test_what_was_written_is_read(self) -> None:
        files.write_atomically(self.path, b'{"a": 1}')
        self.assertEqual({"a": 1}, files.read_json(self.path))
        self.assertEqual(["file"], os.listdir(self.path.parent))

    def test_the_old_content_stays_when_the_new_cannot_be_synced(self) -> None:
        files.write_atomically(self.path, b'"old"')
        with mock.patch.object(os, "fsync", side_effect=OSError), self.assertRaises(OSError):
            files.write_atomically(self.path, b'"new"')
        self.assertEqual("old", files.read_json(self.path))

    def test_content_and_folder_are_synced_before_it_returns(self) -> None:
        with mock.patch.object(os, "fsync", wraps=os.fsync) as fsync:
            files.write_atomically(self.path, b"")
            self.assertEqual(2, fsync.call_count)
            files.delete_durably(self.path)
            self.assertEqual(3, fsync.call_count)

    def test_what_is_not_there_is_none_and_deleting_it_is_no_error(self) -> None:
        files.delete_durably(self.path)
        self.assertIsNone(files.read_json(self.path))

    def test_what_is_no_json_is_an_error_and_not_nothing(self) -> None:
        self.path.write_text("{")
        with self.assertRaises(json.JSONDecodeError):
            files.read_json(self.path)


if __name__ == "__main__":
    unittest.main()
