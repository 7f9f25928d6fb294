"""Connects stdin and stdout with ADDRESS PORT until either side ends. Python 3, standard library only."""

import os
import select
import socket
import sys

try:
    peer = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=30)
except OSError as error:
    sys.exit(f"{sys.argv[1]} port {sys.argv[2]}: {error}")
peer.settimeout(None)

sources = [0, peer]
while peer in sources:
    for source in select.select(sources, [], [])[0]:
        data = os.read(0, 65536) if source == 0 else peer.recv(65536)
        if not data:
            sources.remove(source)
            if source == 0:
                peer.shutdown(socket.SHUT_WR)
        elif source == 0:
            peer.sendall(data)
        else:
            while data:
                data = data[os.write(1, data):]
