"""Scans ports of a guest and prints a line for each: `PORT open`, `PORT refused` or `PORT silent` (dropped on the way).

    scan.py ADDRESS SECONDS SOURCE PORT...      SOURCE: the address to come from, or -

With `read` before the ports, a port is open only if the guest sends something: some proxies accept first.
"""

import concurrent.futures
import socket
import sys

address, seconds, source, *ports = sys.argv[1:]
must_speak = ports[0] == "read"


def state(port):
    try:
        bound = None if source == "-" else (source, 0)
        with socket.create_connection((address, int(port)), timeout=float(seconds), source_address=bound) as peer:
            return "open" if not must_speak or peer.recv(1) else "refused"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "silent"


ports = ports[1:] if must_speak else ports
with concurrent.futures.ThreadPoolExecutor(max_workers=64) as pool:
    for port, found in zip(ports, pool.map(state, ports)):
        print(port, found)
