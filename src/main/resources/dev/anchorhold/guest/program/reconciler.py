"""Brings the machine to what the payload says, round by round: look at everything, do what is needed next."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

from .backoff import Backoff
from .common import ROOT, GuestError, log, under_root
from .container import ensure_container, ensure_docker, ensure_image, inspect_container, stop_container
from .filesystem import check_disk_space
from .firewall import Firewall
from .packages import install_missing_packages
from .report import boot_id, is_news, machine_status, program_hash
from .shared_state import SharedState
from .tunnel import ensure_connector
from .volume import Volume


class Reconciler:
    """One of the two threads. It never waits for the door."""

    def __init__(self, state: SharedState) -> None:
        self.state = state
        self.firewall, self.volume = Firewall(), Volume()
        self.install_backoff, self.pull_backoff = Backoff(5, 300), Backoff(5, 300)
        self.identity = {"bootId": boot_id(), "program": program_hash()}
        self.applied_version = 0  # the settings' version that the connector runs with
        self.problems: list[dict[str, str]] = []
        self.firewall_holds = False
        state.report = self.report(None)

    def loop(self) -> None:
        """Looks often while something changes, and ever more seldom while nothing does."""
        pause = 0.5
        while True:
            try:
                changed = self.reconcile()
            except Exception:  # in the looking itself
                log.exception("A round ended early")
                changed = False
            pause = 0.5 if changed else min(pause * 1.5, 5.0 if self.problems else 10.0)
            self.state.payload_changed.wait(pause)
            self.state.payload_changed.clear()

    def reconcile(self) -> bool:
        """One look at everything, and what is needed next. Whether the report has changed."""
        known, self.problems, payload = self.problems, [], self.state.payload
        self.step("packages", lambda: self.install_backoff.attempt(install_missing_packages))
        self.firewall_holds = self.step("firewall", lambda: self.firewall.ensure(self.container_address()))
        disks = {"machine's disk": ROOT}
        if payload:
            device, mount = under_root(payload["volume"]["device"]), under_root(payload["volume"]["mount"])
            mounted = self.step("volume", lambda: self.volume.ensure(str(device), mount))
            if mounted:
                disks["data volume"] = mount
                self.step("volume", lambda: self.volume.grow(str(device)))
            if not (self.firewall_holds and mounted):
                self.step("container", stop_container)
            elif self.step("docker", ensure_docker):
                if self.step("image", lambda: self.pull(payload)):
                    self.step("container", lambda: ensure_container(payload))
            if self.step("connector", lambda: ensure_connector(payload)):
                self.applied_version = payload["settings"]["version"]
        self.step("disk", lambda: check_disk_space(disks))
        for problem in self.problems:
            if problem not in known:
                log.warning("%s: %s", problem["what"], problem["message"])
        return self.publish(self.report(inspect_container()))

    def pull(self, payload: dict[str, Any]) -> None:
        self.pull_backoff.attempt(lambda: ensure_image(payload["image"], payload.get("login")))

    def step(self, what: str, work: Callable[[], None]) -> bool:
        """Whether it went well. Whatever goes wrong is one more problem to report, and hinders nothing else."""
        try:
            work()
            return True
        except Exception as error:  # also what nobody thought of: this program has no second way out
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                what, error = "disk", GuestError("A disk is full")
            message = str(error) if isinstance(error, GuestError) else f"{type(error).__name__}: {error}"
            self.problems.append({"what": what, "message": self.state.redact(message)[:500]})
            return False

    def container_address(self) -> tuple[str, int] | None:
        """Where the container would answer, if the firewall let anybody through to it."""
        payload, container = self.state.payload, inspect_container()
        networks = container["NetworkSettings"]["Networks"].values() if container and payload else []
        addresses = [network["IPAddress"] for network in networks if network["IPAddress"]]
        return (addresses[0], payload["port"]) if payload and addresses else None

    def report(self, container: Any) -> dict[str, Any]:
        return {
            **self.identity,
            **machine_status(self.state.payload, container),
            "firewall": {"holds": self.firewall_holds, "reachable": self.firewall.reachable},
            "problems": self.problems,
            "settingsVersion": self.applied_version,
        }

    def publish(self, report: dict[str, Any]) -> bool:
        changed = is_news(report, self.state.report)
        self.state.report = report
        if changed:
            self.state.report_changed.set()
        return changed
