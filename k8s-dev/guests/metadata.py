"""Serves Hetzner's metadata service to guests at http://169.254.169.254/hetzner/v1/.

    metadata.py FOLDER           serves in its network namespace; the guest is identified by the source address
    metadata.py FOLDER ADDRESS   answers the one request on stdin, for the guest of that address (qemu's guestfwd)

FOLDER has a file ADDRESS.json for each guest: the paths below /hetzner/v1/ and their responses.
"""

import http.server
import io
import json
import pathlib
import sys

PREFIX = "/hetzner/v1/"
folder = pathlib.Path(sys.argv[1])


class Metadata(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        try:
            answers = json.loads((folder / f"{self.client_address[0]}.json").read_text())
            body = answers[self.path.removeprefix(PREFIX).rstrip("/")].encode()
            self.send_response(200)
        except (OSError, KeyError):
            body = b"not found\n"
            self.send_response(404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Logs nothing: user data may hold secrets, and so may paths."""


class OneRequest(Metadata):
    def __init__(self, address):
        self.client_address = (address, 0)
        self.rfile, self.wfile = sys.stdin.buffer, io.BytesIO()
        self.close_connection = True
        self.handle_one_request()
        sys.stdout.buffer.write(self.wfile.getvalue())


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


if len(sys.argv) > 2:
    OneRequest(sys.argv[2])
else:
    Server(("169.254.169.254", 80), Metadata).serve_forever()
