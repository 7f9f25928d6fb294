"""Buffers log lines on their way to the door: this program's own, and the container's where they are shared."""

from __future__ import annotations

import collections
import json
import logging

from .times import format_time


class LogBuffer(logging.Handler):
    """The newest thousand lines, so that a door that is away for days costs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: collections.deque[dict[str, str]] = collections.deque(maxlen=1000)
        self.sending: list[dict[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.add(format_time(record.created), record.levelname, "guest", record.getMessage())

    def add(self, at: str, level: str, source: str, text: str) -> None:
        self.waiting.append({"at": at, "level": level, "source": source, "text": text[:4000]})

    def batch(self, share: bool) -> list[dict[str, str]]:
        """What to send now, within the door's bounds; again the same until it was sent."""
        size = 0
        while not self.sending or (self.waiting and len(self.sending) < 200 and size < 200_000):
            if not self.waiting:
                break
            self.sending.append(self.waiting.popleft())
            size += len(json.dumps(self.sending[-1], ensure_ascii=False).encode("utf-8", "replace"))
        self.sending = [line for line in self.sending if share or line["source"] != "container"]
        return self.sending
