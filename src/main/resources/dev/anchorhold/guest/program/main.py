"""Puts the program together and starts its two threads; with --probe it is the firewall's prober instead."""

from __future__ import annotations

import logging
import os
import sys
import threading

from .common import CONFIG, RUN, STATE, log
from .door_client import DoorClient
from .door_sync import DoorSync
from .files import read_json
from .firewall_probe import run_prober
from .log_buffer import LogBuffer
from .reconciler import Reconciler
from .shared_state import SharedState


class Guest:
    """The program's parts. Nothing runs yet."""

    def __init__(self) -> None:
        config = read_json(CONFIG) or {}
        self.state = SharedState(DoorClient(config["door"], config["agent"]))
        self.logs = LogBuffer()
        self.reconciler = Reconciler(self.state)
        self.door_sync = DoorSync(self.state, self.logs)


def main() -> None:
    os.umask(0o077)
    for folder in (STATE, RUN):
        folder.mkdir(parents=True, exist_ok=True)
    guest = Guest()
    console = logging.StreamHandler(sys.stdout)
    logging.basicConfig(level=logging.INFO, handlers=[console, guest.logs], format="%(levelname)s %(message)s")
    log.info("The guest program %s starts", guest.reconciler.identity["program"][:12])
    threading.Thread(target=guest.door_sync.loop, daemon=True).start()
    guest.reconciler.loop()


if __name__ == "__main__":
    if "--probe" in sys.argv:
        run_prober()
    else:
        main()
