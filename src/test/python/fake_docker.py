"""A fake of Docker's API as far as the guest program uses it, on a unix socket."""

from __future__ import annotations

import base64
import json
import pathlib
import socketserver
import threading
import urllib.parse

from fake_http import Server


class FakeDocker:
    """Docker's API as far as the program uses it, on a unix socket."""

    def __init__(self, socket: pathlib.Path) -> None:
        self.images, self.pulls, self.pull_fails = set(), 0, ""
        self.container, self.made, self.output, self.asked_for_output = None, [], [], 0
        self.create_fails, self.orders = "", []
        self.wanted_login: dict[str, str] | None = None
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
        """Restarts Docker, which starts again what was running, by the restart policy; here as soon as it is asked."""

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
            login = request.headers.get("X-Registry-Auth")
            account = json.loads(base64.urlsafe_b64decode(login)) if login else None
            if self.pull_fails or account != self.wanted_login:
                events.append({"error": self.pull_fails or f"unauthorized: {account and account['password']}"})
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
