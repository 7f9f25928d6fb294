"""Tests the client of Docker's API, over a socket."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from unittest import mock

import guest_modules  # noqa: F401
from fake_docker import FakeDocker
from program import docker_api
from program.common import GuestError


class DockerApi(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        socket = Path(folder.name, "docker.sock")
        patch = mock.patch.object(docker_api, "DOCKER", socket)
        patch.start()
        self.addCleanup(patch.stop)
        self.docker = FakeDocker(socket)
        self.addCleanup(self.docker.close)

    def test_an_object_is_parsed_and_other_text_is_not(self) -> None:
        self.docker.images.add("web")
        self.assertEqual({}, docker_api.docker("GET", "/images/web/json"))
        self.assertEqual(b"OK", docker_api.docker("GET", "/_ping"))

    def test_what_is_not_there_is_none(self) -> None:
        self.assertIsNone(docker_api.docker("GET", "/containers/web/json"))

    def test_an_error_is_told_in_dockers_words(self) -> None:
        self.docker.create_fails = "no such image"
        with self.assertRaisesRegex(GuestError, "Docker says 400: .*no such image"):
            docker_api.docker("POST", "/containers/create?name=web", {"Image": "web"})

    def test_a_docker_that_is_down_is_a_connection_error(self) -> None:
        docker_api.DOCKER.unlink()
        with self.assertRaisesRegex(ConnectionError, "Docker is down"):
            docker_api.docker("GET", "/_ping")


if __name__ == "__main__":
    unittest.main()
