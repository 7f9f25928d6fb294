"""Keeps the Agent's container: Docker itself, the image by its digest, the container, its log."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
from typing import Any

from .commands import run, try_run
from .common import MIB, GuestError, log
from .docker_api import docker, docker_response
from .times import parse_time

CONTAINER = "anchorhold-agent"
# Of Docker's own list, what root in a container needs to install packages and to become another user. Not NET_RAW, by
# which it could forge packets, nor MKNOD, nor what only a system of its own would use.
CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"]
PIDS_LIMIT = 4096
RESERVED_MIB = 384  # for the system, or an eighth of what the machine has
CONFIG_LABEL = "dev.anchorhold.wanted"  # the container's label with the hash of what it was made from


def ensure_docker() -> None:
    """Docker runs, and not before this program: at a boot it would start the container without firewall and volume."""
    if "enabled" in try_run("systemctl", "is-enabled", "docker.service", "docker.socket")[1].split():
        run("systemctl", "disable", "docker.service", "docker.socket")
    try:
        docker("GET", "/_ping")
    except ConnectionError:
        log.info("Starting Docker")
        try_run("systemctl", "reset-failed", "docker.service")
        run("systemctl", "start", "docker.service", timeout=180)
        docker("GET", "/_ping")


def ensure_image(image: str, login: dict[str, str] | None = None) -> None:
    """Here, by its digest: Docker itself proves that the content is the digest's. A private registry wants a login."""
    if docker("GET", f"/images/{image}/json") is not None:
        return
    log.info("Pulling the image %s", image)
    layers: dict[str, tuple[int, int]] = {}
    logged = time.monotonic()
    with docker_response("POST", f"/images/create?fromImage={image}", {}, timeout=300, login=login) as response:
        for line in response:
            event = json.loads(line)
            if event.get("error"):
                raise GuestError(f"The image cannot be pulled: {event['error']}"[:500])
            detail = event.get("progressDetail") or {}
            if detail.get("total"):
                layers[event.get("id", "")] = (detail.get("current", 0), detail["total"])
            if time.monotonic() > logged + 15:
                logged = time.monotonic()
                current, total = (sum(part) // MIB for part in zip(*layers.values())) if layers else (0, 0)
                log.info("Pulling the image: %d of %d MiB", current, total)
    if docker("GET", f"/images/{image}/json") is None:
        raise GuestError("The image cannot be pulled: the registry's answer ended early")
    log.info("The image is here")


def container_config(payload: dict[str, Any]) -> dict[str, Any]:
    """The body of Docker's create call, labelled with its own hash."""
    port, mount = f"{payload['port']}/tcp", payload["volume"]["mount"]
    limits = payload.get("container") or {}
    config: dict[str, Any] = {
        "Image": payload["image"],
        "Env": [f"{name}={value}" for name, value in sorted({**payload["env"], "PORT": payload["port"]}.items())],
        "ExposedPorts": {port: {}},
        "HostConfig": {
            "Init": True,
            "RestartPolicy": {"Name": "unless-stopped"},
            "PortBindings": {port: [{"HostIp": "127.0.0.1", "HostPort": str(payload["port"])}]},
            "Mounts": [{"Type": "bind", "Source": mount, "Target": mount}],
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
            "CapDrop": ["ALL"],
            "CapAdd": sorted({*CAPABILITIES, *(limits.get("addCapabilities") or [])}),
            "SecurityOpt": [] if limits.get("allowPrivilegeEscalation") else ["no-new-privileges"],
            "PidsLimit": limits.get("pidsLimit") or PIDS_LIMIT,
        },
    }
    # Not from the memory: what the machine has changes with its kernel, and a container that stands is kept.
    digest = hashlib.sha256(json.dumps({**config, "Limits": limits}, sort_keys=True).encode()).hexdigest()
    memory = limits.get("memoryLimitMiB") or memory_left(machine_memory())
    config["HostConfig"].update({"Memory": memory * MIB, "MemorySwap": memory * MIB})
    return {**config, "Labels": {CONFIG_LABEL: digest}}


def machine_memory() -> int:
    """In MiB."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MIB


def memory_left(total: int) -> int:
    """What a container may have of so many MiB: if all were its own, the system would be killed for it."""
    return max(total - max(RESERVED_MIB, total // 8), total // 2)


def inspect_container() -> Any:
    """The container as it stands; None without it, and while Docker cannot tell."""
    try:
        return docker("GET", f"/containers/{CONTAINER}/json")
    except (OSError, http.client.HTTPException, GuestError):
        return None


def ensure_container(payload: dict[str, Any]) -> None:
    """The container of this image, env and port. One that stands is kept, over reboots too."""
    config = container_config(payload)
    container = inspect_container()
    labels = container["Config"]["Labels"] or {} if container else {}
    outdated = labels.get(CONFIG_LABEL) != config["Labels"][CONFIG_LABEL]
    if container and (outdated or container["State"]["Status"] == "dead"):
        log.info("Removing a container that cannot be the one")
        docker("DELETE", f"/containers/{CONTAINER}?force=true")
        container = None
    if not container:
        docker("POST", f"/containers/create?name={CONTAINER}", config)
        log.info("The container is made")
        container = inspect_container()
    if container["State"]["Status"] in ("created", "exited"):
        docker("POST", f"/containers/{CONTAINER}/start")
        log.info("The container is started")
    elif container["State"]["Status"] == "restarting":
        raise GuestError(f"The container keeps ending, with exit code {container['State']['ExitCode']}")


def stop_container() -> None:
    """Where it may not run. Docker does not start again what was stopped so."""
    container = inspect_container()
    if container and container["State"]["Running"]:
        log.warning("Stopping the container")
        docker("POST", f"/containers/{CONTAINER}/stop?t=10")


def container_logs(since: str) -> list[tuple[str, str]]:
    """The container's lines after that moment (seconds.nanoseconds), each with its time. Only for shareLogs."""
    query = f"stdout=1&stderr=1&timestamps=1&tail=1000&since={since}"
    content = docker("GET", f"/containers/{CONTAINER}/logs?{query}") or b""
    text = b""
    while len(content) >= 8:  # frames: stream, three zeros, length, text
        length = int.from_bytes(content[4:8], "big")
        text, content = text + content[8 : 8 + length], content[8 + length :]
    lines = [line.partition(" ") for line in text.decode("utf-8", "replace").splitlines()]
    return [(at, line) for at, _, line in lines]


def since_after(at: str) -> str:
    """2026-11-24T14:00:00.5Z as Docker's `since`, which would show the line of that moment again."""
    seconds, _, fraction = at.rstrip("Z").partition(".")
    return f"{int(parse_time(seconds))}.{int(fraction.ljust(9, '0')[:9] or 0) + 1:09d}"
