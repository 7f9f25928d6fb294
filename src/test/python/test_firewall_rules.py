"""Tests reading the rules from nft's output."""

from __future__ import annotations

import json
import unittest
from unittest import mock

import guest_modules  # noqa: F401
from program import firewall_rules
from program.common import GuestError


def chain(hook: str, policy: str = "drop") -> dict[str, object]:
    return {"chain": {"name": hook, "handle": 7, "type": "filter", "hook": hook, "policy": policy}}


def rule(packets: int) -> dict[str, object]:
    return {"rule": {"chain": "input", "handle": packets, "expr": [{"counter": {"packets": packets}}, {"drop": None}]}}


class Rules(unittest.TestCase):
    def nft(self, *items: object, code: int = 0) -> mock._patch[mock.Mock]:
        output = json.dumps({"nftables": [{"metainfo": {}}, {"table": {}}, *items]})
        return mock.patch.object(firewall_rules, "try_run", return_value=(code, output, ""))

    def test_handles_and_counters_make_no_difference(self) -> None:
        with self.nft(chain("input"), rule(1)):
            before = firewall_rules.read_rules()
        with self.nft(chain("input"), rule(99)):
            self.assertEqual(before, firewall_rules.read_rules())
        with self.nft(chain("input", "accept"), rule(1)):
            self.assertNotEqual(before, firewall_rules.read_rules())

    def test_dropped_packets_are_the_sum_of_the_counters(self) -> None:
        with self.nft(chain("input"), rule(3), rule(4)):
            self.assertEqual(7, firewall_rules.dropped_probe_packets())

    def test_without_a_table_there_are_no_rules(self) -> None:
        with self.nft(code=1):
            self.assertEqual([], firewall_rules.read_rules())

    def test_rules_that_were_set_and_do_not_drop_both_ways_are_an_error(self) -> None:
        with mock.patch.object(firewall_rules, "run") as run:
            for items in ([], [chain("input")], [chain("input"), chain("forward", "accept")]):
                with self.nft(*items), self.assertRaisesRegex(GuestError, "are not there"):
                    firewall_rules.set_rules()
            with self.nft(chain("input"), chain("forward")):
                self.assertEqual(2, len(firewall_rules.set_rules()))
            run.assert_called_with("nft", "-f", "-", stdin=firewall_rules.RULES)


if __name__ == "__main__":
    unittest.main()
