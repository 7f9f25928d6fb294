"""A machine for the guest program to keep, all of it in one temporary folder.

What a test must not do to the computer it runs on is a small shell script here (mount, nft, systemctl, ...), each of
which writes down how it was called. Docker and the door are HTTP servers. What reads and formats disks is genuine:
blkid, wipefs, mkfs.ext4 and e2fsck judge and change an image file.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import importlib.util
import json
import logging
import os
import pathlib
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import types
import urllib.parse

PROGRAM = pathlib.Path(__file__).parents[2] / "main/resources/dev/anchorhold/guest/guest.py"
AGENT = "4f2a91c0-6d5e-4a0b-9c1d-2e3f4a5b6c7d"
IMAGE = "registry.example.com/agents/coder@sha256:" + "ab" * 32
DEVICE = "/dev/disk/by-id/scsi-0HC_Volume_7"
MOUNT = "/data/home-coder"
TUNNEL_TOKEN = "tunnel-token-of-the-first-owner"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

RULES = {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"name": "anchorhold", "handle": 2}}] + [
    {"chain": {"name": hook, "handle": 1, "type": "filter", "hook": hook, "prio": -10, "policy": "drop"}}
    for hook in ("input", "forward")] + [
    {"rule": {"chain": "input", "handle": 3, "expr": [{"counter": {"packets": "DROPPED"}}, {"drop": None}]}}
]}  # fmt: skip

COMMANDS = {
    "nft": """
        if [ "$1" = -f ]; then cat >/dev/null; [ -e lying ] || cp rules.json standing; exit 0; fi
        sed "s/\\"DROPPED\\"/$(cat dropped)/" standing""",
    "ip": """
        case "$*" in
          "-j address show") echo '[{"ifname":"eth0","addr_info":[{"local":"203.0.113.7","scope":"global"}]}]' ;;
          "-j link show"*) echo '[{"operstate":"UP"}]' ;;
        esac""",
    "unshare": """
        echo here; read order; echo 4; [ -e no-cable ] || echo $(($(cat dropped) + 4)) >dropped
        read enough; cat answers 2>/dev/null || echo "[]" """,
    "systemctl": """
        case "$*" in
          "start docker.service") ln -sf docker-engine.sock run/docker.sock ;;
          "is-enabled docker"*) cat docker-enabled ;;
          "disable docker"*) echo disabled >docker-enabled ;;
          "is-active anchorhold-connector.service") [ -e connector ] && echo active || exit 3 ;;
          "start anchorhold-connector.service"|"restart anchorhold-connector.service")
            cat run/anchorhold/tunnel-token >connector ;;
        esac""",
    "findmnt": "[ -e mounted ] && cat mounted",
    "mount": "echo 0:0 >mounted",
    "umount": "rm mounted",
    "resize2fs": f'PATH={SYSTEM_PATH} exec resize2fs "$@"',
    "mkfs.ext4": f'PATH={SYSTEM_PATH} exec mkfs.ext4 "$@"',
    "dockerd": "",
    "cloudflared": "",
    "dpkg": "",
    "apt-get": "[ ! -e no-network ]",
}


class Machine:
    """Use it with `with`. `start` gives the program as a module and a fresh Guest of it, as after a boot."""

    def __init__(self) -> None:
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # where fsync costs nothing
        self.folder = tempfile.TemporaryDirectory(prefix="guest-", dir=memory)
        self.root = pathlib.Path(self.folder.name)
        self.door = FakeDoor()
        for folder in ("bin", "etc/anchorhold", "etc/systemd/system", "run", "proc/net", "proc/sys/kernel/random"):
            (self.root / folder).mkdir(parents=True)
        self.docker = FakeDocker(self.root / "run/docker-engine.sock")
        for name, script in COMMANDS.items():
            self.command(name, script)
        self.write("etc/anchorhold/guest.json", json.dumps({"agent": AGENT, "door": self.door.url}))
        self.write("etc/anchorhold/bootstrap-token", self.door.bootstrap_token)
        self.write("proc/net/tcp", "sl local_address rem_address st\n")
        self.write("rules.json", json.dumps(RULES))
        self.write("docker-enabled", "enabled\n")
        self.write("dropped", "0")
        self.disk = self.root / DEVICE.lstrip("/")
        self.attach_disk()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.door.close()
        self.docker.close()
        self.folder.cleanup()

    def command(self, name: str, script: str) -> None:
        path = self.root / "bin" / name
        path.write_text(f'#!/bin/sh\ncd {self.root}\necho "{name} $*" >>calls\n{script}\n')
        path.chmod(0o755)

    def attach_disk(self) -> None:
        self.disk.parent.mkdir(parents=True, exist_ok=True)
        with open(self.disk, "wb") as file:
            file.truncate(8 << 20)
        (self.root / MOUNT.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def write(self, path: str, content: str) -> pathlib.Path:
        (self.root / path).write_text(content)
        return self.root / path

    def calls(self, *words: str) -> list[str]:
        """Commands that were run, as one line each, with these words at their beginning."""
        log = self.root / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if line.startswith(" ".join(words))]

    def load(self) -> types.ModuleType:
        os.environ["ANCHORHOLD_ROOT"] = str(self.root)
        os.environ["PATH"] = f"{self.root}/bin:{SYSTEM_PATH}"
        os.umask(0o077)
        spec = importlib.util.spec_from_file_location("guest", PROGRAM)
        program = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(program)
        program.metrics_port = lambda _: self.door.port
        program.RUN.mkdir(parents=True, exist_ok=True)
        program.STATE.mkdir(parents=True, exist_ok=True)
        logging.getLogger("anchorhold").setLevel(logging.INFO)
        logging.getLogger("anchorhold").propagate = False
        return program

    def start(self) -> tuple[types.ModuleType, object]:
        program = self.load()
        guest = program.Guest()
        program.log.handlers = [guest.lines]
        return program, guest

    def settle(self, guest: object) -> object:
        """Both threads' work in turn until nothing is left to do, as far as that is possible."""
        for _ in range(6):
            with contextlib.suppress(Exception):
                guest.visit()
            if not guest.round() and not guest.problems and guest.report["connector"]["ready"]:
                break
        guest.visit()
        return guest

    def reboot(self) -> tuple[types.ModuleType, object]:
        """What does not outlast a reboot is gone."""
        shutil.rmtree(self.root / "run/anchorhold", ignore_errors=True)
        for gone in ("mounted", "standing", "connector", "run/docker.sock"):
            (self.root / gone).unlink(missing_ok=True)
        self.docker.power_cycle()
        return self.start()


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet

    def log_message(self, *words: object) -> None:
        pass

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self.answer(json.loads(self.rfile.read(length) or b"{}"))

    def do_GET(self) -> None:
        self.answer(None)

    do_DELETE = do_GET

    def send(self, status: int, body: object = None, **headers: str) -> None:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class FakeDoor:
    """The guest door, as strict as the real one about tokens, and as careless as a network about answers."""

    def __init__(self) -> None:
        self.bootstrap_token, self.bootstrap_used = "once-only-bootstrap-token", False
        self.public_key = ""
        self.nonces, self.tokens_given, self.token = set(), 0, ""
        self.settings = {"version": 1, "tunnelToken": TUNNEL_TOKEN, "shareLogs": False}
        self.env = {"GREETING": "hello there"}
        self.reports, self.lines, self.asked = [], [], []
        self.lose_answers_of = set()
        self.refusing = self.connector_ready = False
        self.connector_ready = True
        self.busy = self.redirect = None
        self.seen_at_bootstrap = lambda: None
        door = self

        class Handler(Server):
            def answer(self, body: object) -> None:
                door.serve(self, self.path.rpartition("/")[2], body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def forget_tokens(self) -> None:
        self.token = ""

    def payload(self) -> dict:
        return {
            "agent": {"uid": AGENT, "namespace": "default", "name": "coder"},
            "image": IMAGE, "env": self.env, "port": 8080, "hostname": "coder-4f2a91c0",
            "volume": {"id": 7, "device": DEVICE, "mount": MOUNT}, "settings": self.settings,
        }  # fmt: skip

    def grant(self) -> dict:
        self.tokens_given += 1
        self.token = f"callback-token-{self.tokens_given}"
        return {"callbackToken": self.token, "expiresAt": "2999-01-01T00:00:00.123456Z"}

    def serve(self, request: Server, path: str, body: dict) -> None:
        if path == "ready":
            return request.send(200 if self.connector_ready else 503)
        self.asked.append(path)
        if self.busy:
            return request.send(429, Retry_After=self.busy)
        if self.redirect:
            return request.send(302, Location=self.redirect)
        answer = None if self.refusing else self.decide(path, body, request.headers.get("Authorization"))
        if path in self.lose_answers_of:
            self.lose_answers_of.remove(path)
            request.close_connection = True
            return None
        if answer is None:
            return request.send(403, {"title": "Forbidden"})
        return request.send(200, answer)

    def decide(self, path: str, body: dict, authorization: str) -> dict | None:
        """None is a refusal."""
        if path == "bootstrap":
            if self.bootstrap_used or body["token"] != self.bootstrap_token or body["agent"] != AGENT:
                return None
            self.seen_at_bootstrap()
            self.bootstrap_used, self.public_key = True, body["publicKey"]
            return {"payload": self.payload(), **self.grant()}
        if path == "nonce":
            self.nonces.add(f"nonce-{len(self.asked)}")
            return {"nonce": f"nonce-{len(self.asked)}"}
        if path == "token":
            if body["nonce"] not in self.nonces or not self.verified(body["nonce"], body["signature"]):
                return None
            self.nonces.remove(body["nonce"])
            return self.grant()
        if not self.token or authorization != f"Bearer {self.token}":
            return None
        if path == "renew":
            return self.grant()
        if path == "payload":
            return self.payload()
        if path == "report":
            self.reports.append(body["report"])
            return {"settingsVersion": self.settings["version"]}
        self.lines += body["lines"]
        return {}

    def verified(self, nonce: str, signature: str) -> bool:
        if not self.public_key:
            return False
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder, name) for name in ("key", "message", "signature")]
            files[0].write_text(self.public_key)
            files[1].write_text(f"anchorhold-guest-v1\n{AGENT}\n{nonce}")
            files[2].write_bytes(base64.b64decode(signature))
            command = ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", files[0], "-in", files[1]]
            return subprocess.run([*command, "-sigfile", files[2]], capture_output=True).returncode == 0


class FakeDocker:
    """Docker's API as far as the program uses it, on a unix socket."""

    def __init__(self, socket: pathlib.Path) -> None:
        self.images, self.pulls, self.pull_fails = set(), 0, ""
        self.container, self.made, self.output, self.asked_for_output = None, [], [], 0
        self.create_fails, self.orders = "", []
        docker = self

        class Handler(Server):
            def address_string(self) -> str:
                return "unix"

            def answer(self, body: object) -> None:
                docker.serve(self, urllib.parse.urlsplit(self.path), body)

        class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that was killed does not read its answer."""

        self.server = UnixServer(str(socket), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def power_cycle(self) -> None:
        """Docker starts again what was running, by the restart policy; here as soon as it is asked."""

    def set(self, status: str) -> None:
        running = status in ("running", "restarting")
        state = {"Status": status, "Running": running, "Restarting": status == "restarting", "ExitCode": 3}
        self.container["State"] = state

    def serve(self, request: Server, url: urllib.parse.SplitResult, body: dict) -> None:
        if request.command == "POST":
            self.orders.append(url.path.rpartition("/")[2])
        path, query = url.path, dict(urllib.parse.parse_qsl(url.query))
        if path == "/_ping":
            request.send(200, b"OK")
        elif path == "/images/create":
            self.pulls += 1
            events = [{"status": "Pulling", "id": "a", "progressDetail": {"current": 1, "total": 2}}]
            if self.pull_fails:
                events.append({"error": self.pull_fails})
            else:
                self.images.add(query["fromImage"])
            request.send(200, b"".join(json.dumps(event).encode() + b"\r\n" for event in events))
        elif path.startswith("/images/"):
            request.send(200 if path[len("/images/") : -len("/json")] in self.images else 404, {})
        elif path == "/containers/create":
            if self.create_fails:
                return request.send(400, {"message": self.create_fails})
            self.made.append(body)
            self.container = {
                "Id": f"container-{len(self.made)}", "RestartCount": 0,
                "Config": {"Image": body["Image"], "Labels": {"from": "image", **body["Labels"]}},
                "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}},
            }  # fmt: skip
            self.set("created")
            request.send(201, {})
        elif not self.container:
            request.send(404, {"message": "No such container"})
        elif path.endswith("/logs"):
            self.asked_for_output += 1
            frames = b""
            for at, text in self.output:
                line = f"{at} {text}\n".encode()
                frames += b"\1\0\0\0" + len(line).to_bytes(4, "big") + line
            self.output = []
            request.send(200, frames)
        elif request.command == "DELETE":
            self.container = None
            request.send(204)
        elif path.endswith("/start"):
            self.set("running")
            request.send(204)
        elif path.endswith("/stop"):
            self.set("exited")
            request.send(204)
        else:
            request.send(200, self.container)
        return None


if __name__ == "__main__":
    sys.exit("run the tests: python3 -m unittest discover src/test/python")
