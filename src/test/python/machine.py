"""A fake machine on which tests run the guest program, all of it in one temporary folder.

What a test must not do to the computer it runs on is a small shell script here (mount, nft, systemctl, ...), each of
which records its calls. Docker and the door are HTTP servers. What reads and formats disks is genuine:
blkid, wipefs, mkfs.ext4 and e2fsck judge and change an image file.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import pathlib
import shutil
import tempfile
import types

from fake_docker import FakeDocker
from fake_door import AGENT, DEVICE, MOUNT, FakeDoor

PROGRAM = pathlib.Path(__file__).parents[3] / "target/guest.py"  # by GuestProgramTest
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


@functools.cache
def compiled_program() -> types.CodeType:
    return compile(PROGRAM.read_text("utf-8"), str(PROGRAM), "exec")


class Machine:
    """A context manager. `start` returns the program as a module and a new Guest of it, as after a boot."""

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
        program = types.ModuleType("guest")
        program.__file__ = str(PROGRAM)
        exec(compiled_program(), program.__dict__)
        program.metrics_port = lambda _: self.door.port
        program.RUN.mkdir(parents=True, exist_ok=True)
        program.STATE.mkdir(parents=True, exist_ok=True)
        logging.getLogger("anchorhold").setLevel(logging.INFO)
        logging.getLogger("anchorhold").propagate = False
        return program

    def start(self) -> tuple[types.ModuleType, object]:
        program = self.load()
        guest = program.Guest()
        program.log.handlers = [guest.logs]
        return program, guest

    def settle(self, guest: object) -> object:
        """Runs both threads' work in turn until nothing is left to do, as far as that is possible."""
        for _ in range(6):
            with contextlib.suppress(Exception):
                guest.door_sync.sync()
            changed = guest.reconciler.reconcile()
            if not changed and not guest.reconciler.problems and guest.state.report["connector"]["ready"]:
                break
        guest.door_sync.sync()
        return guest

    def reboot(self) -> tuple[types.ModuleType, object]:
        """Removes what does not survive a reboot, and starts again."""
        shutil.rmtree(self.root / "run/anchorhold", ignore_errors=True)
        for gone in ("mounted", "standing", "connector", "run/docker.sock"):
            (self.root / gone).unlink(missing_ok=True)
        self.docker.power_cycle()
        return self.start()
