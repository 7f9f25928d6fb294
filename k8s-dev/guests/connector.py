#!/usr/bin/env python3
"""Stands in for cloudflared in the local world: connects a guest to the simulated edge.

Installed as /usr/bin/cloudflared in the base image of guests. It has of the real one what a guest uses: `cloudflared
tunnel --no-autoupdate run` with a tunnel's token, and `--metrics` with /ready. It keeps four connections to the edge,
over which the edge sends the tunnel's ingress rules and asks for a stream for each request; it opens no port but that of
--metrics. The protocol is documented in sim.cloudflare's EdgeConnection.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import platform
import re
import signal
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

VERSION = "2026.8.2"
CONNECTIONS = 4
EDGE_FILE = Path("/etc/anchorhold-world/edge")
READ_TIMEOUT = 15.0
MAX_LINE_LENGTH = 1 << 20
USAGE = """usage: cloudflared tunnel [--no-autoupdate] [--metrics HOST:PORT] [--edge HOST:PORT] run [--token TOKEN | --token-file FILE]
       cloudflared --version
The token may also come from TUNNEL_TOKEN or TUNNEL_TOKEN_FILE, the edge from /etc/anchorhold-world/edge."""


def log(level: str, text: str) -> None:
    print(f"{level} {text}", file=sys.stderr, flush=True)


class Unauthorized(Exception):
    """The edge rejects the token, for now: it may accept it later."""


@dataclass
class Ingress:
    """The ingress rules of the tunnel's newest configuration; before there is one, every request gets a 503."""

    version: int = -1
    rules: list[dict[str, object]] = field(default_factory=list)

    def take(self, version: int, config: dict[str, object]) -> None:
        if version <= self.version:
            return
        self.version = version
        rules = config.get("ingress")
        self.rules = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
        log("INF", f"Updated to new configuration version={version}")

    def service(self, host: str, path: str) -> str:
        for rule in self.rules:
            if self._matches(rule, host, path):
                return str(rule.get("service", ""))
        return "http_status:503"

    @staticmethod
    def _matches(rule: dict[str, object], host: str, path: str) -> bool:
        wanted = str(rule.get("hostname") or "").lower()
        if wanted.startswith("*."):
            fits = host.endswith(wanted[1:])
        else:
            fits = wanted in ("", "*", host)
        pattern = str(rule.get("path") or "")
        return fits and (not pattern or re.search(pattern, urlsplit(path).path) is not None)


@dataclass
class Settings:
    token: str
    edge: tuple[str, int]
    metrics: tuple[str, int] | None


class Connector:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.id = str(uuid.uuid4())
        self.ingress = Ingress()
        self.ready: set[int] = set()
        self.streams: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        if self.settings.metrics:
            host, port = self.settings.metrics
            await asyncio.start_server(self._metrics, host, port)
        log("INF", f"Version {VERSION}, connector {self.id}, edge {self.settings.edge[0]}:{self.settings.edge[1]}")
        connections = [asyncio.create_task(self._keep_connected(index)) for index in range(CONNECTIONS)]
        await stop.wait()
        log("INF", "Terminated")
        for task in [*connections, *self.streams]:
            task.cancel()
        await asyncio.gather(*connections, *self.streams, return_exceptions=True)

    async def _keep_connected(self, index: int) -> None:
        """Opens a connection again whatever ends it: soon at first, then every few seconds."""
        pause = 0.5
        while True:
            try:
                await self._connection(index)
            except Unauthorized as refused:
                log("ERR", f"Register tunnel error from server side connIndex={index}: {refused}")
            except (OSError, EOFError, ValueError, asyncio.TimeoutError) as broken:
                log("WRN", f"Connection lost connIndex={index}: {broken or type(broken).__name__}")
                if index in self.ready:
                    pause = 0.5
            self.ready.discard(index)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 8.0)

    async def _connection(self, index: int) -> None:
        """Serves one connection, until an exception ends it."""
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(*self.settings.edge, limit=MAX_LINE_LENGTH), READ_TIMEOUT
        )
        try:
            register = {
                "token": self.settings.token,
                "connector": self.id,
                "index": index,
                "version": VERSION,
                "arch": f"linux_{platform.machine()}",
            }
            await send(writer, {"register": register})
            while True:
                line = await asyncio.wait_for(reader.readline(), READ_TIMEOUT)
                if not line.endswith(b"\n"):
                    raise EOFError("closed by the edge")
                await self._handle(index, writer, json.loads(line))
        finally:
            writer.close()

    async def _handle(self, index: int, writer: asyncio.StreamWriter, message: dict[str, dict[str, object]]) -> None:
        if "error" in message:
            raise Unauthorized(message["error"])
        if "registered" in message:
            self.ready.add(index)
            log("INF", f"Registered tunnel connection connIndex={index}")
        elif "configuration" in message:
            update = message["configuration"]
            config = update["config"]
            if isinstance(config, dict):
                self.ingress.take(int(str(update["version"])), config)
        elif "open" in message:
            task = asyncio.create_task(self._stream({key: str(value) for key, value in message["open"].items()}))
            self.streams.add(task)
            task.add_done_callback(self.streams.discard)
        elif "ping" in message:
            await send(writer, {"pong": True})

    async def _stream(self, asked: dict[str, str]) -> None:
        """Serves one request: connects to the edge and to the service, and copies bytes until either ends."""
        try:
            edge = await asyncio.open_connection(*self.settings.edge)
        except OSError as broken:
            log("WRN", f"No stream to the edge: {broken}")
            return
        try:
            await send(edge[1], {"stream": asked["stream"]})
            service = self.ingress.service(asked["host"], asked["path"])
            if service.startswith("http_status:"):
                await answer(edge, int(service.removeprefix("http_status:")))
                return
            try:
                origin = await asyncio.wait_for(dial(service), 30)
            except (OSError, ValueError, asyncio.TimeoutError) as broken:
                log("ERR", f"Unable to reach the origin service {service}: {broken or type(broken).__name__}")
                await answer(edge, 502)
                return
            await relay(edge, origin)
        except (OSError, EOFError):
            pass  # one of the two has disconnected
        finally:
            edge[1].close()

    async def _metrics(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            path = (await reader.readline()).split(b" ")[1:2]
            while (await reader.readline()).strip():
                pass
            count = len(self.ready)
            if path == [b"/ready"]:
                status = 200 if count else 503
                body = json.dumps({"status": status, "readyConnections": count, "connectorId": self.id})
            elif path == [b"/metrics"]:
                status, body = 200, f"cloudflared_tunnel_ha_connections {count}\n"
            elif path == [b"/healthcheck"]:
                status, body = 200, "OK\n"
            else:
                status, body = 404, ""
            writer.write(response(status, body))
            await writer.drain()
        except (OSError, EOFError, ValueError):
            pass  # the client has disconnected
        finally:
            writer.close()


Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def send(writer: asyncio.StreamWriter, message: dict[str, object]) -> None:
    writer.write(json.dumps(message).encode() + b"\n")
    await writer.drain()


async def dial(service: str) -> Pipe:
    if service.startswith("unix:"):
        return await asyncio.open_unix_connection(service.removeprefix("unix:"))
    url = urlsplit(service)
    if url.scheme not in ("http", "ws", "tcp") or not url.hostname:
        raise ValueError("only http, ws, tcp and unix services are known here")
    return await asyncio.open_connection(url.hostname, url.port or 80)


async def relay(one: Pipe, other: Pipe) -> None:
    ways = [asyncio.create_task(copy(one[0], other[1])), asyncio.create_task(copy(other[0], one[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        other[1].close()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def response(status: int, body: str) -> bytes:
    kind = "application/json" if body.startswith("{") else "text/plain"
    return (
        f"HTTP/1.1 {status} {'OK' if status == 200 else 'Error'}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()


async def answer(edge: Pipe, status: int) -> None:
    """Sends a response; waits until the edge has closed, or what it still sends would make a reset of it."""
    edge[1].write(response(status, ""))
    await edge[1].drain()
    edge[1].write_eof()
    try:
        await asyncio.wait_for(edge[0].read(), 5)
    except asyncio.TimeoutError:
        pass


def address(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def parse(arguments: list[str], environment: dict[str, str]) -> Settings:
    """Reads the command line; flags come before or after the verbs, as with the real one, unknown ones are ignored."""
    given: dict[str, str] = {}
    verbs: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name in ("token", "token-file", "metrics", "edge", "loglevel", "protocol", "edge-ip-version"):
                given[name] = value if equals else next(rest, "")
        else:
            verbs.append(word)
    if verbs != ["tunnel", "run"]:
        raise ValueError(USAGE)
    token = given.get("token") or environment.get("TUNNEL_TOKEN", "")
    file = given.get("token-file") or environment.get("TUNNEL_TOKEN_FILE", "")
    if not token and file:
        token = Path(file).read_text()
    token = token.strip()
    try:
        known = json.loads(base64.b64decode(token, validate=True))
        if not all(isinstance(known[key], str) for key in ("a", "t", "s")):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise ValueError("Provided Tunnel token is not valid.") from None
    edge = given.get("edge") or (EDGE_FILE.read_text() if EDGE_FILE.exists() else "")
    if not edge.strip():
        raise ValueError(f"The edge is unknown: neither --edge nor {EDGE_FILE} has its address.")
    metrics = given.get("metrics") or environment.get("TUNNEL_METRICS", "")
    return Settings(token, address(edge), address(metrics) if metrics else None)


def main() -> int:
    if sys.argv[1:] in (["--version"], ["version"], ["-v"]):
        print(f"cloudflared version {VERSION} (the local world's)")
        return 0
    try:
        settings = parse(sys.argv[1:], dict(os.environ))
    except (ValueError, OSError) as wrong:
        print(wrong, file=sys.stderr)
        return 1
    asyncio.run(Connector(settings).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
