"""Tests the firewall on a fake machine; and the real rules and probe in a network namespace of their own. Needs root."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import unittest
from types import ModuleType
from unittest import mock

from guest_case import GuestTest
from machine import Machine

EVERYWHERE = {f"{kind} {address}" for kind in ("tcp", "udp") for address in ("203.0.113.7", "2001:db8::7")}
POSSIBLE = hasattr(os, "geteuid") and os.geteuid() == 0 and all(map(shutil.which, ("nft", "ip", "unshare")))


class FastClock:
    """A clock on which a short sleep takes a second, although it does not wait."""

    def __init__(self, real: ModuleType) -> None:
        self.time, self.now = real.time, real.monotonic()

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 1.0)


class FirewallTest(GuestTest):
    def test_F34_rules_that_were_accepted_and_are_not_in_force_keep_the_container_from_starting(self) -> None:
        self.machine.write("lying", "")
        self.machine.settle(self.guest)
        self.assertIn("are not there", self.problems()["firewall"])
        self.assertEqual([], self.docker.made)
        self.assertFalse(self.door.reports[-1]["firewall"]["holds"])

    def test_F34_a_port_that_answers_stops_the_container_that_runs(self) -> None:
        self.settled()
        self.machine.write("answers", json.dumps([["tcp", "203.0.113.7", 22]]))
        self.listen("00000000:0016")
        self.reconcile()
        self.sync()
        self.assertEqual({"holds": False, "reachable": [22]}, self.door.reports[-1]["firewall"])
        self.assertEqual("exited", self.docker.container["State"]["Status"])
        self.assertIn("22", self.problems()["firewall"])

    def test_F34_a_probe_that_cannot_be_made_is_no_proof(self) -> None:
        self.machine.write("no-cable", "")
        clock = FastClock(self.program.time)
        with mock.patch.object(self.program, "time", clock):
            self.machine.settle(self.guest)
        self.assertIn("cannot be tried", self.problems()["firewall"])
        self.assertEqual([], self.docker.made)

    def test_rules_that_somebody_changed_are_set_again(self) -> None:
        self.settled()
        (self.root / "standing").write_text('{"nftables": []}')
        self.reconcile()
        self.assertEqual({}, self.problems())
        self.assertEqual(2, len(self.machine.calls("nft -f")))
        self.reconcile()
        self.assertEqual(2, len(self.machine.calls("nft -f")), "and left alone when they stand")

    def test_what_listens_only_for_the_machine_itself_is_distinguished_from_what_listens_for_the_world(self) -> None:
        self.listen("0100007F:0050", "00000000:0016", "07CB7100:1F90")
        self.machine.write("proc/net/tcp6", "head\n" + "".join(
            f" 0: {address} 0:0 0A\n" for address in
            ("00000000000000000000000001000000:0051", "0000000000000000FFFF00000100007F:0052",
             "00000000000000000000000000000000:0017")))  # fmt: skip
        self.assertEqual([22, 23, 8080], sorted(self.program.listening_ports()))

    def listen(self, *sockets: str) -> None:
        self.machine.write("proc/net/tcp", "head\n" + "".join(f" 0: {local} 0:0 0A\n" for local in sockets))


@unittest.skipUnless(POSSIBLE, "it takes root, nft and ip")
class RealFirewallTest(unittest.TestCase):
    def test_F34_the_probe_finds_what_is_open_and_the_rules_leave_nothing(self) -> None:
        command = ["unshare", "--net", sys.executable, "-B", __file__, "inside"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        self.assertEqual(0, done.returncode, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual([22, 80], seen["listening"])
        self.assertEqual([1, 22, 80], seen["without rules"])
        self.assertLessEqual(EVERYWHERE, set(seen["asked"]))
        self.assertEqual([], seen["with rules"])
        self.assertEqual([80], seen["with a hole"], seen)
        self.assertEqual("Ports answer from outside through the firewall: 80", seen["trouble"])
        self.assertEqual([], seen["mended"])


def inside() -> None:
    for command in (
        "link set lo up",
        "link add eth0 type veth peer name far",
        "address add 203.0.113.7/32 dev eth0",
        "address add 2001:db8::7/64 dev eth0 nodad",
        "link set eth0 up",
        "link set far up",
    ):
        subprocess.run(["ip", *command.split()], check=True)
    open_sockets = [
        socket.create_server(("203.0.113.7", 22)),
        socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True),
        socket.create_server(("127.0.0.1", 8080)),
        socket.create_server(("::1", 8081), family=socket.AF_INET6),
    ]
    with Machine() as machine:
        for fake in ("nft", "ip", "unshare"):
            (machine.root / "bin" / fake).unlink()
        program, _ = machine.start()
        program.PROC = program.Path("/proc")
        firewall, seen = program.Firewall(), {"listening": program.listening_ports()}
        answers: set[tuple[str, str, int]] = set()
        for _ in range(20):  # an answer that comes late is missed: without rules one is enough to see that ports are open
            answers.update(program.probe(program.probe_targets(None)))
            seen["asked"] = sorted({f"{kind} {address}" for kind, address, _ in answers})
            if EVERYWHERE <= set(seen["asked"]):
                break
        seen["without rules"] = sorted({port for _, _, port in answers})
        firewall.ensure(None)
        seen["with rules"] = firewall.reachable
        rules, firewall.expected = program.RULES, None
        program.RULES = rules.replace('iif "lo" accept', 'iif "lo" accept; tcp dport 80 accept')
        try:
            firewall.ensure(None)
        except program.GuestError as trouble:
            seen["with a hole"], seen["trouble"] = firewall.reachable, str(trouble)
        program.RULES, firewall.expected = rules, None
        firewall.ensure(None)
        seen["mended"] = firewall.reachable
        print(json.dumps(seen))
    for listening in open_sockets:
        listening.close()


if __name__ == "__main__":
    inside()
