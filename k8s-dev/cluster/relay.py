"""Connects TCP ports of this computer with ports in the network namespace of a process, for as long as that process lives.

    relay.py PID RULE...    RULE: into:ADDRESS:PORT=ADDRESS:PORT   listens there, connects here
                                  out:ADDRESS:PORT=ADDRESS:PORT    listens here, connects there

A socket belongs to the namespace in which it was made, whoever uses it: so nothing of either network is changed. Root, Python 3, Linux.
"""

import ctypes
import os
import select
import socket
import sys
import threading

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    """Moves the calling thread, and no other, into a network namespace."""
    if libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def listen(at, namespace):
    enter(namespace)
    return socket.create_server(address(at), backlog=128)


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for it in (source, target):
            try:
                it.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed already


def connect(client, to, namespace):
    enter(namespace)
    try:
        server = socket.create_connection(address(to), timeout=30)
    except OSError:
        client.close()
        return
    with client, server:
        server.settimeout(None)
        back = threading.Thread(target=copy, args=(server, client), daemon=True)
        back.start()
        copy(client, server)
        back.join()


def serve(listener, to, namespace):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=connect, args=(client, to, namespace), daemon=True).start()


pid = int(sys.argv[1])
there = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
here = os.open("/proc/self/ns/net", os.O_RDONLY)
listeners = []
for rule in sys.argv[2:]:
    direction, ports = rule.split(":", 1)
    at, to = ports.split("=")
    outside, inside = (there, here) if direction == "into" else (here, there)
    listeners.append((listen(at, outside), to, inside))
enter(here)
for listener in listeners:
    threading.Thread(target=serve, args=listener, daemon=True).start()
print("ready", flush=True)
select.select([os.pidfd_open(pid)], [], [])
