"""The firewall's rules and the probe as they are, in a network namespace where nothing else is. Needs root."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import unittest

from machine import Machine

ADDRESSES = ("203.0.113.7", "2001:db8::7")
POSSIBLE = hasattr(os, "geteuid") and os.geteuid() == 0 and all(map(shutil.which, ("nft", "ip", "unshare")))


@unittest.skipUnless(POSSIBLE, "it takes root, nft and ip")
class TheRealFirewall(unittest.TestCase):
    def test_F34_the_probe_finds_what_is_open_and_the_rules_leave_nothing(self) -> None:
        command = ["unshare", "--net", sys.executable, "-B", __file__, "inside"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        self.assertEqual(0, done.returncode, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual([22, 80], seen["listening"])
        self.assertEqual([1, 22, 80], seen["without rules"])
        everywhere = {f"{kind} {address}" for kind in ("tcp", "udp") for address in ADDRESSES}
        self.assertLessEqual(everywhere, set(seen["asked"]))
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
        answers = program.probe(firewall.targets(None))
        seen["without rules"] = sorted({port for _, _, port in answers})
        seen["asked"] = sorted({f"{kind} {address}" for kind, address, _ in answers})
        firewall.ensure(None)
        seen["with rules"] = firewall.reachable
        rules, firewall.standing = program.RULES, None
        program.RULES = rules.replace('iif "lo" accept', 'iif "lo" accept; tcp dport 80 accept')
        try:
            firewall.ensure(None)
        except program.Trouble as trouble:
            seen["with a hole"], seen["trouble"] = firewall.reachable, str(trouble)
        program.RULES, firewall.standing = rules, None
        firewall.ensure(None)
        seen["mended"] = firewall.reachable
        print(json.dumps(seen))
    for listening in open_sockets:
        listening.close()


if __name__ == "__main__":
    inside()
