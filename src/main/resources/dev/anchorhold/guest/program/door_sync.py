"""Exchanges with the door: sends reports and log lines, fetches the payload and its settings."""

from __future__ import annotations

import random
import time

from .backoff import Backoff
from .common import GuestError, log
from .container import container_logs, since_after
from .door_client import AccessDenied, TooManyRequests
from .log_buffer import LogBuffer
from .shared_state import SharedState
from .times import format_time


class DoorSync:
    """The other of the two threads. It never waits for the machine."""

    def __init__(self, state: SharedState, logs: LogBuffer) -> None:
        self.state, self.door, self.logs = state, state.door, logs
        self.logs_since = ""  # up to where the container's lines are collected; empty while they are not shared

    def loop(self) -> None:
        unreachable, denied = Backoff(1, 60), Backoff(30, 600)
        while True:
            try:
                self.sync()
                unreachable.succeeded()
                denied.succeeded()
                self.state.report_changed.wait(random.uniform(50, 60))
                time.sleep(0.2)  # further changes within this time go with the same report
                self.state.report_changed.clear()
            except AccessDenied as error:
                delay = denied.failed()
                log.warning("The door refuses this machine (%s); the next try is in %.0f s", error, delay)
                time.sleep(delay)
            except TooManyRequests as error:
                time.sleep(error.retry_after)
            except Exception as error:
                delay = unreachable.failed()
                if unreachable.failures in (1, 10, 100) or unreachable.failures % 1000 == 0:
                    log.warning("No word with the door: %s", self.state.redact(str(error)))
                time.sleep(delay)

    def sync(self) -> None:
        """A callback token may be dead before its time, then the key opens. When that is refused, so is everything."""
        try:
            self.exchange()
        except AccessDenied:
            if not self.door.token:
                raise
            self.door.token = ""
            self.exchange()

    def exchange(self) -> None:
        state = self.state
        payload = self.door.ensure_token()
        if not payload and not state.payload:
            payload = self.door.request("payload")
        if payload:
            state.accept_payload(payload)
        answer = self.door.request("report", {"report": {**state.report, "at": format_time(time.time())}})
        if state.payload and answer["settingsVersion"] > state.payload["settings"]["version"]:
            log.info("New settings, version %d", answer["settingsVersion"])
            state.accept_payload(self.door.request("payload"))
        state.save_payload()
        share = state.payload is not None and bool(state.payload["settings"]["shareLogs"])
        self.collect_container_logs(share)
        while self.logs.batch(share):
            self.door.request("logs", {"lines": self.logs.sending})
            self.logs.sending = []

    def collect_container_logs(self, share: bool) -> None:
        """What the container prints from the moment on that its owner shares it. Never anything else."""
        if not share:
            self.logs_since = ""
            return
        self.logs_since = self.logs_since or f"{time.time():.9f}"
        try:
            for at, text in container_logs(self.logs_since):
                self.logs.add(at, "INFO", "container", text)
                self.logs_since = since_after(at)
        except (OSError, GuestError):
            pass  # no container, no output
