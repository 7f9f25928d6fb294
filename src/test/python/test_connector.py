"""Tests the local world's connector: ingress rules, command line, tokens."""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
import tempfile
import unittest
from pathlib import Path
from types import ModuleType

PROGRAM = Path(__file__).parents[3] / "k8s-dev/guests/connector.py"
TOKEN = base64.b64encode(json.dumps({"a": "account", "t": "tunnel", "s": "secret"}).encode()).decode()


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("connector", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["connector"] = module
    spec.loader.exec_module(module)
    return module


connector = load()


class IngressTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ingress = connector.Ingress()

    def test_before_there_is_a_configuration_nothing_is_served(self) -> None:
        self.assertEqual("http_status:503", self.ingress.service("a.example.com", "/"))

    def test_the_first_rule_that_fits_host_and_path_wins(self) -> None:
        rules = [
            {"hostname": "A.example.com", "path": "^/api", "service": "http://localhost:1"},
            {"hostname": "a.example.com", "service": "http://localhost:2"},
            {"hostname": "*.example.com", "service": "http://localhost:3"},
            {"service": "http_status:404"},
        ]
        self.ingress.take(1, {"ingress": rules})
        self.assertEqual("http://localhost:1", self.ingress.service("a.example.com", "/api/x?y=/z"))
        self.assertEqual("http://localhost:2", self.ingress.service("a.example.com", "/x?y=/api"))
        self.assertEqual("http://localhost:3", self.ingress.service("b.example.com", "/"))
        self.assertEqual("http_status:404", self.ingress.service("example.com", "/"))

    def test_an_older_configuration_that_comes_late_is_not_taken(self) -> None:
        self.ingress.take(2, {"ingress": [{"service": "http_status:202"}]})
        self.ingress.take(1, {"ingress": [{"service": "http_status:201"}]})
        self.assertEqual("http_status:202", self.ingress.service("any", "/"))


class ArgumentsTest(unittest.TestCase):
    def test_flags_may_stand_anywhere_and_unknown_ones_are_passed_over(self) -> None:
        words = ["tunnel", "--no-autoupdate", "--edge=127.0.0.1:7", "run", "--metrics", "localhost:8", "--token", TOKEN]
        settings = connector.parse(words, {})
        self.assertEqual((TOKEN, ("127.0.0.1", 7), ("localhost", 8)), (settings.token, settings.edge, settings.metrics))

    def test_the_token_may_come_from_a_file_that_the_environment_names(self) -> None:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(TOKEN + "\n")
            file.flush()
            settings = connector.parse(["tunnel", "run", "--edge", "e:1"], {"TUNNEL_TOKEN_FILE": file.name})
        self.assertEqual(TOKEN, settings.token)

    def test_what_is_no_token_is_refused_without_being_repeated(self) -> None:
        for wrong in ("", "not base64!", base64.b64encode(b'{"a":"only"}').decode(), base64.b64encode(b"[1]").decode()):
            with self.assertRaisesRegex(ValueError, "^Provided Tunnel token is not valid.$"):
                connector.parse(["tunnel", "run", "--edge", "e:1", "--token", wrong], {})

    def test_without_the_verbs_it_says_how_it_is_used(self) -> None:
        with self.assertRaisesRegex(ValueError, "usage"):
            connector.parse(["service", "install", TOKEN], {})


if __name__ == "__main__":
    unittest.main()
