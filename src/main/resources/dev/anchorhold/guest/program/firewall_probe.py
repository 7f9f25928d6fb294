"""Tries from outside, out of a network namespace of its own, whether the firewall lets anything through."""

from __future__ import annotations

import errno
import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time

from .commands import run, try_run
from .common import GuestError
from .firewall_rules import dropped_probe_packets

HOST_ADDRESS, PROBE_ADDRESS = "169.254.85.1", "169.254.85.2"
HOST_ADDRESS_6, PROBE_ADDRESS_6 = "fd85:6168::1", "fd85:6168::2"

Target = tuple[str, str, int]  # tcp or udp, address, port


def probe(targets: list[Target]) -> list[Target]:
    """What answers. On a busy machine not each attempt is conclusive; five in a row that are not are a GuestError."""
    for attempts_left in (4, 3, 2, 1, 0):
        try:
            return probe_once(targets)
        except GuestError:
            if not attempts_left:
                raise
    return []


def probe_once(targets: list[Target]) -> list[Target]:
    """The prober is a process at the other end of a veth pair, which goes when its namespace does.

    That nothing answered is believed only when each of its packets was counted as it was dropped.
    """
    try_run("ip", "link", "delete", "anchorhold0")
    command = ["unshare", "--net", sys.executable, os.path.abspath(__file__), "--probe"]
    prober = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(60, prober.kill)
    timer.start()
    try:
        assert prober.stdin and prober.stdout
        if prober.stdout.readline() != "here\n":
            raise GuestError("The firewall cannot be tried: no network namespace can be made")
        peer = ("name", "probe0", "netns", str(prober.pid))
        run("ip", "link", "add", "anchorhold0", "type", "veth", "peer", *peer)
        run("ip", "address", "add", f"{HOST_ADDRESS}/30", "dev", "anchorhold0")
        ipv6 = try_run("ip", "address", "add", f"{HOST_ADDRESS_6}/64", "dev", "anchorhold0", "nodad")[0] == 0
        before = dropped_probe_packets()
        prober.stdin.write(json.dumps({"targets": targets, "ipv6": ipv6}) + "\n")
        prober.stdin.flush()
        set_link_up("anchorhold0")
        sent = int(prober.stdout.readline() or 0)
        end = time.monotonic() + 0.8
        while dropped_probe_packets() - before < sent and time.monotonic() < end:
            time.sleep(0.01)
        output, _ = prober.communicate("enough\n")
        answered = [(kind, address, port) for kind, address, port in json.loads(output or "[]")]
        dropped = dropped_probe_packets() - before
        if not answered and (prober.returncode != 0 or not 0 < sent == dropped):
            raise GuestError(f"The firewall cannot be tried: of {sent} packets {dropped} were seen to be dropped")
        return answered
    finally:
        timer.cancel()
        prober.kill()
        prober.wait()
        try_run("ip", "link", "delete", "anchorhold0")


def set_link_up(interface: str) -> None:
    """Until both ends of a veth pair are up, which the kernel notices at its leisure, packets get lost in it."""
    run("ip", "link", "set", interface, "up")
    end = time.monotonic() + 10
    while '"operstate":"UP"' not in run("ip", "-j", "link", "show", interface) and time.monotonic() < end:
        time.sleep(0.01)


def run_prober() -> None:
    """The process in the namespace. One packet a target: it is over before the kernel sends any of them again."""
    print("here", flush=True)
    request = json.loads(sys.stdin.readline())
    run("ip", "address", "add", f"{PROBE_ADDRESS}/30", "dev", "probe0")
    if request["ipv6"]:
        run("ip", "address", "add", f"{PROBE_ADDRESS_6}/64", "dev", "probe0", "nodad")
    set_link_up("probe0")
    for gateway in [HOST_ADDRESS, HOST_ADDRESS_6][: 1 + request["ipv6"]]:
        run("ip", "route", "add", "default", "via", gateway, "dev", "probe0")
    selector = selectors.DefaultSelector()
    began = time.monotonic()
    for kind, address, port in request["targets"]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        client = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
        client.setblocking(False)
        code = client.connect_ex((address, port))
        if kind == "udp" and code == 0:
            client.send(b"?")
        if code in (0, errno.EINPROGRESS):
            events = selectors.EVENT_WRITE if kind == "tcp" else selectors.EVENT_READ
            selector.register(client, events, (kind, address, port))
    print(len(selector.get_map()), flush=True)
    sys.stdin.readline()
    answers = []
    for key, _ in selector.select(0):
        # A connection and a refusal are answers both.
        if key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, errno.ECONNREFUSED):  # type: ignore
            answers.append(key.data)
    print(json.dumps(answers))
    sys.exit(0 if time.monotonic() - began < 0.95 else 1)
