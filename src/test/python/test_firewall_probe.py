"""Tests how often a probe is retried. The probe itself, with real packets, is tested in test_firewall."""

from __future__ import annotations

import unittest
from unittest import mock

import guest_modules  # noqa: F401
from program import firewall_probe
from program.common import GuestError

TARGET = ("tcp", "203.0.113.7", 22)


class Probe(unittest.TestCase):
    def test_a_probe_that_proves_nothing_is_made_again(self) -> None:
        results = [GuestError("no proof"), GuestError("no proof"), [TARGET]]
        with mock.patch.object(firewall_probe, "probe_once", side_effect=results) as once:
            self.assertEqual([TARGET], firewall_probe.probe([TARGET]))
        self.assertEqual(3, once.call_count)

    def test_after_five_of_them_it_is_an_error_and_never_a_proof(self) -> None:
        with mock.patch.object(firewall_probe, "probe_once", side_effect=GuestError("no proof")) as once:
            with self.assertRaisesRegex(GuestError, "no proof"):
                firewall_probe.probe([TARGET])
        self.assertEqual(5, once.call_count)

    def test_a_link_is_set_up_until_the_kernel_says_so(self) -> None:
        states = ["", '[{"operstate":"DOWN"}]', '[{"operstate":"UP"}]']
        with mock.patch.object(firewall_probe, "run", side_effect=states) as run:
            firewall_probe.set_link_up("probe0")
        self.assertEqual(3, run.call_count)


if __name__ == "__main__":
    unittest.main()
