"""What the two threads share: the payload, the newest report, and an event for a change of each."""

from __future__ import annotations

import json
import threading
from typing import Any

from .common import PAYLOAD, log
from .door_client import DoorClient
from .files import read_json, write_atomically


class SharedState:
    """Each value is replaced as a whole and by one thread only, so that no lock is needed."""

    def __init__(self, door: DoorClient) -> None:
        self.door = door
        self.payload = self.saved_payload = read_json(PAYLOAD)  # by the door thread
        self.report: dict[str, Any] = {}  # by the reconciler
        self.payload_changed, self.report_changed = threading.Event(), threading.Event()

    def accept_payload(self, payload: dict[str, Any]) -> None:
        """Used at once, kept as soon as the disk has room."""
        self.payload = payload
        self.payload_changed.set()
        self.save_payload()

    def save_payload(self) -> None:
        if self.payload is not self.saved_payload:
            try:
                write_atomically(PAYLOAD, json.dumps(self.payload).encode())
                self.saved_payload = self.payload
            except OSError as error:
                log.warning("The payload cannot be kept on the disk: %s", error.strerror)

    def redact(self, text: str) -> str:
        """Without the values that nobody else may know."""
        payload = self.payload or {"env": {}, "settings": {"tunnelToken": ""}}
        password = (payload.get("login") or {}).get("password", "")
        for secret in (*payload["env"].values(), payload["settings"]["tunnelToken"], password, self.door.token):
            if len(secret) >= 6:  # shorter ones are words and numbers of every day
                text = text.replace(secret, "***")
        return text
