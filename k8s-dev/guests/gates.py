"""Forwards ports of a fabric's gateway to ports of this computer's 127.0.0.1.

    gates.py NETWORK-NAMESPACE FOLDER

    172.31.1.1:8080   the door, HTTP: FOLDER/door holds the port it listens on
    172.31.1.1:7844   the edge, where connectors dial in, as it is: FOLDER/edge

A port may be written, changed or removed at any time; while there is none, connections are closed. The door gets the
guest's address by X-Forwarded-For, and one request a connection, so that no second one could pass without it. Python 3,
standard library only.
"""

import asyncio
import ctypes
import os
import pathlib
import socket
import sys

GATEWAY = "172.31.1.1"
CHUNK = 65536
namespace, folder = sys.argv[1], pathlib.Path(sys.argv[2])


def enter(network):
    if ctypes.CDLL(None, use_errno=True).setns(network, 0) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((GATEWAY, port))
    listener.listen(512)
    return listener


async def add_forwarded_for(reader, writer, guest):
    """Forwards the head of a request, with the guest's address as the only one in it."""
    request, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
    ours = (b"connection:", b"keep-alive:", b"forwarded:", b"x-forwarded-", b"x-real-ip:", b" ", b"\t")
    lines = [line for line in lines if not line.lower().startswith(ours)]
    lines += [b"X-Forwarded-For: " + guest.encode(), b"Connection: close"]
    writer.write(b"\r\n".join([request, *lines, b"", b""]))


async def pass_through(reader, writer, guest):
    """Adds nothing: the edge identifies connectors by their tokens."""


async def pump(reader, writer):
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


def forward(name, begin):
    async def connected(guest_reader, guest_writer):
        writers = [guest_writer]
        try:
            port = int((folder / name).read_text())
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            await begin(guest_reader, writer, guest_writer.get_extra_info("peername")[0])
            await asyncio.gather(pump(guest_reader, writer), pump(reader, guest_writer))
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # nobody listens there, or one side broke off: the other notices by the end of its connection
        finally:
            for each in writers:
                each.close()

    return connected


async def main(door, edge):
    await asyncio.start_server(forward("door", add_forwarded_for), sock=door)
    await asyncio.start_server(forward("edge", pass_through), sock=edge)
    await asyncio.Event().wait()


# Sockets stay in the network that they were made in: these in the fabric, those of the connections in the computer's own.
home = os.open("/proc/self/ns/net", os.O_RDONLY)
enter(os.open(f"/run/netns/{namespace}", os.O_RDONLY))
listeners = [listen(8080), listen(7844)]
enter(home)
asyncio.run(main(*listeners))
