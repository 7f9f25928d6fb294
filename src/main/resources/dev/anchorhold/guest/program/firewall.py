"""Keeps the machine's firewall: sets its rules, and proves by a probe from outside that they hold."""

from __future__ import annotations

import json
import logging
import struct
import time
from typing import Any

from .commands import run
from .common import PROC, GuestError, log
from .firewall_probe import HOST_ADDRESS, Target, probe
from .firewall_rules import read_rules, set_rules

PROBE_EVERY = 3600
CLOSED_PORT = 1  # nothing listens there: if it answers, packets pass


class Firewall:
    """Holds when the rules stand as they were read back, and nothing answered a probe from outside."""

    def __init__(self) -> None:
        self.expected: list[Any] | None = None
        self.probed: tuple[list[Target], float] = ([], 0.0)
        self.reachable: list[int] = []

    def ensure(self, container: tuple[str, int] | None) -> None:
        """Raises when it does not hold, with what can be reached in `reachable`."""
        if self.expected is None or read_rules() != self.expected:
            log.log(logging.INFO if self.expected is None else logging.WARNING, "Setting the firewall's rules")
            self.expected = None
            self.expected, self.probed = set_rules(), ([], 0.0)
        targets = probe_targets(container)
        if targets != self.probed[0] or time.monotonic() > self.probed[1]:
            self.probed = ([], 0.0)
            self.reachable = sorted({port for _, _, port in probe(targets)})
            if not self.reachable:
                self.probed = (targets, time.monotonic() + PROBE_EVERY)
        if self.reachable:
            raise GuestError(f"Ports answer from outside through the firewall: {', '.join(map(str, self.reachable))}")


def probe_targets(container: tuple[str, int] | None) -> list[Target]:
    """Each listening port on each of the machine's addresses, a port where nothing listens, and the container's."""
    interfaces = json.loads(run("ip", "-j", "address", "show"))
    addresses = [
        address["local"]
        for interface in interfaces
        if not interface["ifname"].startswith(("lo", "docker", "veth", "br-"))
        for address in interface.get("addr_info", [])
        if address.get("scope") == "global"
    ]
    ports = sorted({CLOSED_PORT, *listening_ports()})
    targets = [("tcp", address, port) for address in sorted({*addresses, HOST_ADDRESS}) for port in ports]
    targets += [("udp", address, CLOSED_PORT) for address in sorted({*addresses, HOST_ADDRESS})]
    return targets + ([("tcp", *container)] if container else [])


def listening_ports() -> list[int]:
    """TCP ports that listen on more than the loopback interface."""
    ports = []
    for name in ("tcp", "tcp6"):
        table = PROC / "net" / name
        for row in table.read_text().splitlines()[1:] if table.exists() else []:
            local, state = row.split()[1], row.split()[3]
            address, port = local.split(":")
            words = [struct.pack("=I", int(address[i : i + 8], 16)) for i in range(0, len(address), 8)]
            loopback = words[-1][0] == 127 and not any(b"".join(words[:-2])) or b"".join(words) == bytes(15) + b"\1"
            if state == "0A" and not loopback:
                ports.append(int(port, 16))
    return ports
