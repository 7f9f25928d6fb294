#!/usr/bin/python3
"""Anchorhold's guest program: all that is ours in an Agent's VM.

It redeems its one-time token at the door, and then brings the machine to what its payload says and keeps it there:
the host's firewall, the data volume, the container, the connector to the public URL. Nobody can log in to help it, so
it never gives up, and it can be killed at any point: nothing that matters is only in memory, and each round looks at
the machine before it does anything.

Two threads. The *keeper* looks at the machine, does what is needed next, sleeps, and never waits for the door. The
*messenger* tells the door what the keeper saw, brings its settings, and never waits for the machine.

Standard library only, Python 3.9 or later. ANCHORHOLD_ROOT is another root than / for the tests.
"""

from __future__ import annotations

import base64
import collections
import contextlib
import datetime
import email.message
import errno
import hashlib
import http.client
import json
import logging
import os
import random
import selectors
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

ROOT = Path(os.environ.get("ANCHORHOLD_ROOT", "/"))
CONFIG = ROOT / "etc/anchorhold/guest.json"  # {agent, door}, by cloud-init
BOOTSTRAP = ROOT / "etc/anchorhold/bootstrap-token"  # by cloud-init; gone once it was redeemed or refused
STATE = ROOT / "var/lib/anchorhold"
KEY = STATE / "guest.key"  # ours alone; its public half is known to the door
PAYLOAD = STATE / "payload.json"  # what this machine is to be, so that it needs no door to boot
FORMATTING = STATE / "formatting.json"  # a blank volume is being formatted: {device, uuid}
RUN = ROOT / "run/anchorhold"  # gone at a reboot
PROC = ROOT / "proc"
UNITS = ROOT / "etc/systemd/system"
DOCKER = ROOT / "run/docker.sock"

CONTAINER = "anchorhold-agent"
WANTED = "dev.anchorhold.wanted"  # the container's label that tells what it was made from
CONNECTOR = "anchorhold-connector.service"
MIB = 1024 * 1024

log = logging.getLogger("anchorhold")


def place(path: str) -> Path:
    return ROOT / path.lstrip("/")


class Trouble(Exception):
    """What is wrong, in words for the Agent's owner."""


class Refused(Exception):
    """The door said 403: no, for whatever reason."""


class Busy(Exception):
    """The door wants to be left alone for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to come back in {seconds:.0f} s")
        self.seconds = seconds


# ------------------------------------------------------------------------------------------------ files and commands


def store(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when this returns. Root only, by the process's umask."""
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    sync(path.parent)


def forget(path: Path) -> None:
    """Gone, also after a power cut."""
    if path.exists():
        path.unlink()
        sync(path.parent)


def sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load(path: Path) -> dict[str, Any] | None:
    """None when it is not there. What is there is whole, see store."""
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return content
    except FileNotFoundError:
        return None


def run(*command: str, patience: float = 60, good: tuple[int, ...] = (0,), stdin: str = "") -> str:
    """The command's output. A Trouble with its last words when it ends otherwise than well."""
    code, output, words = attempt(*command, patience=patience, stdin=stdin)
    if code not in good:
        raise Trouble(f"'{' '.join(command[:2])}' ended with {code}: {words or output}"[:500])
    return output


def attempt(*command: str, patience: float = 60, stdin: str = "") -> tuple[int, str, str]:
    """Exit code, output, and the last line of its complaints."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, input=stdin, capture_output=True, text=True, errors="replace", timeout=patience, env=environment
        )
    except FileNotFoundError:
        return 127, "", "it is not installed"
    except subprocess.TimeoutExpired:
        return 124, "", f"nothing came of it in {patience:.0f} s"
    complaints = done.stderr.strip().splitlines()
    return done.returncode, done.stdout, complaints[-1] if complaints else ""


class Retry:
    """Spares what just failed: after failures in a row it waits `first` seconds, then twice that, at most `most`."""

    def __init__(self, first: float, most: float) -> None:
        self.first, self.most = first, most
        self.failures, self.until = 0, 0.0
        self.trouble: Exception | None = None

    def failed(self) -> float:
        """For how long to wait now."""
        delay: float = min(self.most, self.first * 2 ** min(self.failures, 20)) * random.uniform(0.75, 1.25)
        self.failures += 1
        self.until = time.monotonic() + delay
        return delay

    def succeeded(self) -> None:
        self.failures, self.until, self.trouble = 0, 0.0, None

    def attempt(self, work: Callable[[], None]) -> None:
        """While it waits, the trouble of the last time stands for this one."""
        if self.trouble and time.monotonic() < self.until:
            raise self.trouble
        try:
            work()
        except Exception as trouble:
            self.trouble = trouble
            self.failed()
            raise
        self.succeeded()


# ------------------------------------------------------------------------------------------------ packages

NEEDED = {"dockerd": ["docker.io", "apparmor"], "nft": ["nftables"], "ip": ["iproute2"], "mkfs.ext4": ["e2fsprogs"]}
CLOUDFLARE_KEY = "https://pkg.cloudflare.com/cloudflare-main.gpg"
CLOUDFLARE_REPOSITORY = "https://pkg.cloudflare.com/cloudflared any main"


def install_what_is_missing() -> None:
    """Debian's packages; the connector from Cloudflare's own. An image that carries them needs no network for it."""
    install([name for command, names in NEEDED.items() if not shutil.which(command) for name in names])
    if not shutil.which("cloudflared"):
        keyring = ROOT / "usr/share/keyrings/cloudflare-main.gpg"
        keyring.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(CLOUDFLARE_KEY, timeout=60) as answer:
            store(keyring, answer.read(MIB))
        source = ROOT / "etc/apt/sources.list.d/cloudflared.list"
        store(source, f"deb [signed-by={keyring}] {CLOUDFLARE_REPOSITORY}\n".encode())
        for file in (keyring, source):
            file.chmod(0o644)  # apt reads them as a user of its own
        install(["cloudflared"])


def install(packages: list[str]) -> None:
    if packages:
        log.info("Installing %s", " ".join(packages))
        run("dpkg", "--configure", "-a", patience=600)  # what a kill left half done
        patient = ["-q", "-o", "DPkg::Lock::Timeout=300"]
        run("apt-get", *patient, "update", patience=600)
        run("apt-get", *patient, "install", "-y", "--no-install-recommends", *packages, patience=1200)


# ------------------------------------------------------------------------------------------------ firewall

# A table of its own: in nftables a drop is final whatever other tables say, so Docker's chains, which come and go with
# Docker, can neither open this one nor lose it. Nothing comes in but answers, and what IPv6 needs to have neighbours.
# The container gets out, but not to the metadata service, where the user data is, nor to the host. What comes from the
# probe (anchorhold0, see below) is counted as it is dropped.
RULES = """\
table inet anchorhold
delete table inet anchorhold
table inet anchorhold {
  chain input {
    type filter hook input priority -10; policy drop;
    iif "lo" accept
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
    iifname "anchorhold0" meta l4proto { tcp, udp } counter drop
  }
  chain forward {
    type filter hook forward priority -10; policy drop;
    iifname "docker0" ip daddr 169.254.169.254 drop
    iifname "docker0" accept
    ct state established,related accept
    iifname "anchorhold0" meta l4proto { tcp, udp } counter drop
  }
}
"""
PROBE_EVERY = 3600
HOST_END, PROBE_END = "169.254.85.1", "169.254.85.2"
HOST_END_6, PROBE_END_6 = "fd85:6168::1", "fd85:6168::2"
CLOSED_PORT = 1  # nothing listens there: if it answers, packets pass

Target = tuple[str, str, int]  # tcp or udp, address, port


class Firewall:
    """The rules stand as they were read back, and a probe from outside met silence. Otherwise it does not hold."""

    def __init__(self) -> None:
        self.standing: list[Any] | None = None
        self.probed: tuple[list[Target], float] = ([], 0.0)
        self.reachable: list[int] = []

    def ensure(self, container: tuple[str, int] | None) -> None:
        """Raises when it does not hold, with what can be reached in `reachable`."""
        seen = self.read()
        if self.standing is None or seen != self.standing:
            log.log(logging.INFO if self.standing is None else logging.WARNING, "Setting the firewall's rules")
            self.standing = None
            run("nft", "-f", "-", stdin=RULES)
            seen = self.read()
            walls = [chain for chain in seen if chain.get("policy") == "drop" and chain.get("type") == "filter"]
            if sorted(chain.get("hook") for chain in walls) != ["forward", "input"]:
                raise Trouble("The firewall's rules were set and are not there")
            self.standing, self.probed = seen, ([], 0.0)
        targets = self.targets(container)
        if targets != self.probed[0] or time.monotonic() > self.probed[1]:
            self.probed = ([], 0.0)
            self.reachable = sorted({port for _, _, port in probe(targets)})
            if not self.reachable:
                self.probed = (targets, time.monotonic() + PROBE_EVERY)
        if self.reachable:
            raise Trouble(f"Ports answer from outside through the firewall: {', '.join(map(str, self.reachable))}")

    @staticmethod
    def read() -> list[Any]:
        """Chains and rules as they stand, without the numbers that change."""
        chains_and_rules = listed()
        for body in chains_and_rules:
            body.pop("handle", None)
            body["expr"] = [{"counter": None} if "counter" in part else part for part in body.get("expr", [])]
        return chains_and_rules

    @staticmethod
    def targets(container: tuple[str, int] | None) -> list[Target]:
        """Each listening port on each of the machine's addresses, a port where nothing listens, and the container's."""
        interfaces = json.loads(run("ip", "-j", "address", "show"))
        addresses = [
            address["local"]
            for interface in interfaces
            if not interface["ifname"].startswith(("lo", "docker", "veth", "br-"))
            for address in interface.get("addr_info", [])
            if address.get("scope") == "global"
        ]
        ports = sorted({CLOSED_PORT, *listening_ports()})
        targets = [("tcp", address, port) for address in sorted({*addresses, HOST_END}) for port in ports]
        targets += [("udp", address, CLOSED_PORT) for address in sorted({*addresses, HOST_END})]
        return targets + ([("tcp", *container)] if container else [])


def listening_ports() -> list[int]:
    """TCP ports that listen on more than the machine itself."""
    ports = []
    for name in ("tcp", "tcp6"):
        table = PROC / "net" / name
        for row in table.read_text().splitlines()[1:] if table.exists() else []:
            local, state = row.split()[1], row.split()[3]
            address, port = local.split(":")
            words = [struct.pack("=I", int(address[i : i + 8], 16)) for i in range(0, len(address), 8)]
            own = words[-1][0] == 127 and not any(b"".join(words[:-2])) or b"".join(words) == bytes(15) + b"\1"
            if state == "0A" and not own:
                ports.append(int(port, 16))
    return ports


def listed() -> list[Any]:
    code, output, _ = attempt("nft", "-j", "list", "table", "inet", "anchorhold")
    things = json.loads(output)["nftables"] if code == 0 else []
    return [thing[kind] for thing in things for kind in ("chain", "rule") if kind in thing]


def dropped() -> int:
    """How many packets of probes met the end of the rules."""
    parts = [part for body in listed() for part in body.get("expr", []) if "counter" in part]
    return sum(part["counter"]["packets"] for part in parts)


def probe(targets: list[Target]) -> list[Target]:
    """What answers a stranger. On a busy machine not each attempt is a proof; five that are none are a Trouble."""
    for attempts_left in (4, 3, 2, 1, 0):
        try:
            return probe_once(targets)
        except Trouble:
            if not attempts_left:
                raise
    return []


def probe_once(targets: list[Target]) -> list[Target]:
    """He lives in a network namespace of his own behind a cable, which goes when he does.

    That nothing answered is believed only when each of his packets was counted as it was dropped.
    """
    attempt("ip", "link", "delete", "anchorhold0")
    command = ["unshare", "--net", sys.executable, os.path.abspath(__file__), "--probe"]
    stranger = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(60, stranger.kill)
    timer.start()
    try:
        assert stranger.stdin and stranger.stdout
        if stranger.stdout.readline() != "here\n":
            raise Trouble("The firewall cannot be tried: no network namespace can be made")
        cable = ("name", "probe0", "netns", str(stranger.pid))
        run("ip", "link", "add", "anchorhold0", "type", "veth", "peer", *cable)
        run("ip", "address", "add", f"{HOST_END}/30", "dev", "anchorhold0")
        ipv6 = attempt("ip", "address", "add", f"{HOST_END_6}/64", "dev", "anchorhold0", "nodad")[0] == 0
        before = dropped()
        stranger.stdin.write(json.dumps({"targets": targets, "ipv6": ipv6}) + "\n")
        stranger.stdin.flush()
        bring_up("anchorhold0")
        sent = int(stranger.stdout.readline() or 0)
        end = time.monotonic() + 0.8
        while dropped() - before < sent and time.monotonic() < end:
            time.sleep(0.01)
        answer, _ = stranger.communicate("enough\n")
        answered = [(kind, address, port) for kind, address, port in json.loads(answer or "[]")]
        seen = dropped() - before
        if not answered and (stranger.returncode != 0 or not 0 < sent == seen):
            raise Trouble(f"The firewall cannot be tried: of {sent} packets {seen} were seen to be dropped")
        return answered
    finally:
        timer.cancel()
        stranger.kill()
        stranger.wait()
        attempt("ip", "link", "delete", "anchorhold0")


def bring_up(end: str) -> None:
    """Until a cable's both ends are up, which the kernel notices at its leisure, packets get lost in it."""
    run("ip", "link", "set", end, "up")
    patient_until = time.monotonic() + 10
    while '"operstate":"UP"' not in run("ip", "-j", "link", "show", end) and time.monotonic() < patient_until:
        time.sleep(0.01)


def probe_as_a_stranger() -> None:
    """The other end of the cable. One packet a target: it is over before the kernel sends any of them again."""
    print("here", flush=True)
    order = json.loads(sys.stdin.readline())
    run("ip", "address", "add", f"{PROBE_END}/30", "dev", "probe0")
    if order["ipv6"]:
        run("ip", "address", "add", f"{PROBE_END_6}/64", "dev", "probe0", "nodad")
    bring_up("probe0")
    for gateway in [HOST_END, HOST_END_6][: 1 + order["ipv6"]]:
        run("ip", "route", "add", "default", "via", gateway, "dev", "probe0")
    waiting = selectors.DefaultSelector()
    began = time.monotonic()
    for kind, address, port in order["targets"]:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        caller = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
        caller.setblocking(False)
        code = caller.connect_ex((address, port))
        if kind == "udp" and code == 0:
            caller.send(b"?")
        if code in (0, errno.EINPROGRESS):
            events = selectors.EVENT_WRITE if kind == "tcp" else selectors.EVENT_READ
            waiting.register(caller, events, (kind, address, port))
    print(len(waiting.get_map()), flush=True)
    sys.stdin.readline()
    answers = []
    for key, _ in waiting.select(0):
        # A connection and a refusal are answers both.
        if key.fileobj.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, errno.ECONNREFUSED):  # type: ignore
            answers.append(key.data)
    print(json.dumps(answers))
    sys.exit(0 if time.monotonic() - began < 0.95 else 1)


# ------------------------------------------------------------------------------------------------ volume


NO_VOLUME = {"mounted": False, "sizeBytes": 0, "freeBytes": 0}


class Volume:
    """The data volume, mounted. It is formatted only when it is certain that nothing was ever written to it."""

    def __init__(self) -> None:
        self.growing = Retry(60, 3600)

    def ensure(self, device: str, mount: Path) -> None:
        if not os.path.exists(device):
            raise Trouble(f"The data volume is not there yet: no {device}")
        if self.mounted(device, mount):
            return
        stop_container()  # it would go on with what was mounted before, or with nothing
        if Volume.mounted_from(mount):
            run("umount", str(mount))  # the same volume, before it was pulled out and came back as another device
        self.prepare(device)
        run("e2fsck", "-p", device, patience=3600, good=(0, 1, 2))
        if too_small(device):  # it could not be filled while it was mounted; unmounted that takes a full check
            attempt("e2fsck", "-f", "-p", device, patience=3600)
            attempt("resize2fs", device, patience=3600)
        mount.mkdir(parents=True, exist_ok=True)
        run("mount", "-t", "ext4", "-o", "discard,nodev", device, str(mount))
        log.info("The data volume is mounted")

    @staticmethod
    def mounted(device: str, mount: Path) -> bool:
        number = os.stat(device).st_rdev
        return Volume.mounted_from(mount) == f"{os.major(number)}:{os.minor(number)}"

    @staticmethod
    def mounted_from(mount: Path) -> str:
        """The number of the device that is mounted there; empty when there is none."""
        numbers = attempt("findmnt", "-n", "-o", "MAJ:MIN", "--mountpoint", str(mount))[1].split()
        return numbers[-1] if numbers else ""

    @staticmethod
    def prepare(device: str) -> None:
        kind, identity = signature(device)
        begun = load(FORMATTING) or {}
        # Begun and never finished, so never mounted: what is on it is our own half, or our whole whose end we missed.
        ours = begun.get("device") == device and (not kind or identity == begun.get("uuid"))
        if kind == "ext4" and not ours:
            forget(FORMATTING)
            return
        if kind and not ours:
            raise Trouble(f"The data volume holds {kind}, which is not ours: it is neither formatted nor mounted")
        if not ours:
            if not blank(device):
                raise Trouble("The data volume holds data of an unknown kind: it is neither formatted nor mounted")
            begun = {"device": device, "uuid": str(uuid.uuid4())}
            store(FORMATTING, json.dumps(begun).encode())
        log.info("Formatting the blank data volume")
        # Its root is the first ordinary user's, whom images usually run as; a container's root may write there anyway.
        options = ["-q", "-F", "-m", "0", "-L", "anchorhold", "-E", "root_owner=1000:1000", "-U", begun["uuid"]]
        run("mkfs.ext4", *options, device, patience=3600)
        forget(FORMATTING)

    @staticmethod
    def look(mount: Path) -> dict[str, Any]:
        if not Volume.mounted_from(mount):
            return dict(NO_VOLUME)
        space = os.statvfs(mount)
        sizes = {"sizeBytes": space.f_blocks * space.f_frsize, "freeBytes": space.f_bavail * space.f_frsize}
        return {"mounted": True, **sizes}

    def grow(self, device: str) -> None:
        """The filesystem fills a volume that grew while it is mounted; where that cannot be, at the next boot."""
        if too_small(device):
            self.growing.attempt(lambda: log.info("%s", run("resize2fs", device, patience=3600).strip()))


def check_space(disks: dict[str, Path]) -> None:
    for name, folder in disks.items():
        space = os.statvfs(folder)
        free = space.f_bavail * space.f_frsize
        if free < min(100 * MIB, space.f_blocks * space.f_frsize // 50):
            raise Trouble(f"The {name} is full: {free // MIB} MiB are left")
        if space.f_flag & os.ST_RDONLY:
            raise Trouble(f"The {name} has become read-only, after errors")


def too_small(device: str) -> bool:
    """Whether the volume has grown beyond its ext4, as that says in its superblock."""
    with open(device, "rb") as file:
        file.seek(1024)
        superblock = file.read(1024)
    low, log_block, high = (struct.unpack_from("<I", superblock, at)[0] for at in (0x4, 0x18, 0x150))
    return bool(device_size(device) - ((high << 32 | low) << (10 + log_block)) > 16 * MIB)


def device_size(device: str) -> int:
    with open(device, "rb") as file:
        return file.seek(0, os.SEEK_END)


def signature(device: str) -> tuple[str, str]:
    """What filesystem it holds, and its UUID; both empty when no tool knows a signature on it. Doubt is a Trouble."""
    code, output, words = attempt("blkid", "-p", "-o", "export", device)
    facts = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    if code == 0 and facts.get("TYPE"):
        return facts["TYPE"], facts.get("UUID", "")
    if code != 2 or output.strip() or words or run("wipefs", "--no-act", device).strip():
        raise Trouble("It is unclear what the data volume holds: it is neither formatted nor mounted")
    return "", ""


def blank(device: str) -> bool:
    """Its first and its last MiB were never written to. Reading proves, too, that blkid could read it."""
    size = device_size(device)
    with open(device, "rb") as file:
        head = file.read(MIB)
        file.seek(max(0, size - MIB))
        return size > 0 and not any(head) and not any(file.read(MIB))


# ------------------------------------------------------------------------------------------------ container


class DockerSocket(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(DOCKER))
        except OSError:
            self.close()
            raise ConnectionRefusedError("Docker is down") from None


def docker(method: str, path: str, body: Any = None) -> Any:
    """What Docker's API answers, None for 404. By its socket: no value is ever on a command line or in a file."""
    with docker_answer(method, path, body, patience=20 if method == "GET" else 120) as answer:
        content = answer.read()
    if answer.status == 404:
        return None
    return json.loads(content) if content.startswith(b"{") else content


@contextlib.contextmanager
def docker_answer(method: str, path: str, body: Any, patience: float) -> Iterator[http.client.HTTPResponse]:
    """A success or a 404. ConnectionError when Docker is down, a Trouble with Docker's words for the rest."""
    with contextlib.closing(DockerSocket("docker", timeout=patience)) as connection:
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            if answer.status >= 400 and answer.status != 404:
                raise Trouble(f"Docker says {answer.status}: {answer.read(400).decode('utf-8', 'replace')}")
            yield answer


def ensure_docker() -> None:
    """Docker runs, and not before us: at a boot it would start the container without firewall and volume."""
    if "enabled" in attempt("systemctl", "is-enabled", "docker.service", "docker.socket")[1].split():
        run("systemctl", "disable", "docker.service", "docker.socket")
    try:
        docker("GET", "/_ping")
    except ConnectionError:
        log.info("Starting Docker")
        attempt("systemctl", "reset-failed", "docker.service")
        run("systemctl", "start", "docker.service", patience=180)
        docker("GET", "/_ping")


def ensure_image(image: str) -> None:
    """Here, by its digest: Docker itself proves that the content is the digest's."""
    if docker("GET", f"/images/{image}/json") is not None:
        return
    log.info("Pulling the image %s", image)
    layers: dict[str, tuple[int, int]] = {}
    told = time.monotonic()
    with docker_answer("POST", f"/images/create?fromImage={image}", {}, patience=300) as answer:
        for line in answer:
            event = json.loads(line)
            if event.get("error"):
                raise Trouble(f"The image cannot be pulled: {event['error']}"[:500])
            detail = event.get("progressDetail") or {}
            if detail.get("total"):
                layers[event.get("id", "")] = (detail.get("current", 0), detail["total"])
            if time.monotonic() > told + 15:
                told = time.monotonic()
                got, whole = (sum(part) // MIB for part in zip(*layers.values())) if layers else (0, 0)
                log.info("Pulling the image: %d of %d MiB", got, whole)
    if docker("GET", f"/images/{image}/json") is None:
        raise Trouble("The image cannot be pulled: the registry's answer ended early")
    log.info("The image is here")


def wanted_container(payload: dict[str, Any]) -> dict[str, Any]:
    port, mount = f"{payload['port']}/tcp", payload["volume"]["mount"]
    wanted: dict[str, Any] = {
        "Image": payload["image"],
        "Env": [f"{name}={value}" for name, value in sorted({**payload["env"], "PORT": payload["port"]}.items())],
        "ExposedPorts": {port: {}},
        "HostConfig": {
            "Init": True,
            "RestartPolicy": {"Name": "unless-stopped"},
            "PortBindings": {port: [{"HostIp": "127.0.0.1", "HostPort": str(payload["port"])}]},
            "Mounts": [{"Type": "bind", "Source": mount, "Target": mount}],
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
        },
    }
    digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
    return {**wanted, "Labels": {WANTED: digest}}


def inspect() -> Any:
    """The container as it stands; None without it, and while Docker cannot tell."""
    try:
        return docker("GET", f"/containers/{CONTAINER}/json")
    except (OSError, http.client.HTTPException, Trouble):
        return None


def ensure_container(payload: dict[str, Any]) -> None:
    """The container of this image, env and port. One that stands is kept, over reboots too."""
    wanted = wanted_container(payload)
    seen = inspect()
    labels = seen["Config"]["Labels"] or {} if seen else {}
    if seen and (labels.get(WANTED) != wanted["Labels"][WANTED] or seen["State"]["Status"] == "dead"):
        log.info("Removing a container that cannot be the one")
        docker("DELETE", f"/containers/{CONTAINER}?force=true")
        seen = None
    if not seen:
        docker("POST", f"/containers/create?name={CONTAINER}", wanted)
        log.info("The container is made")
        seen = inspect()
    if seen["State"]["Status"] in ("created", "exited"):
        docker("POST", f"/containers/{CONTAINER}/start")
        log.info("The container is started")
    elif seen["State"]["Status"] == "restarting":
        raise Trouble(f"The container keeps ending, with exit code {seen['State']['ExitCode']}")


def stop_container() -> None:
    """Where it may not run. Docker does not start again what was stopped so."""
    seen = inspect()
    if seen and seen["State"]["Running"]:
        log.warning("Stopping the container")
        docker("POST", f"/containers/{CONTAINER}/stop?t=10")


def container_output(since: str) -> list[tuple[str, str]]:
    """The container's lines after that moment (seconds.nanoseconds), each with its time. Only for shareLogs."""
    query = f"stdout=1&stderr=1&timestamps=1&tail=1000&since={since}"
    content = docker("GET", f"/containers/{CONTAINER}/logs?{query}") or b""
    text = b""
    while len(content) >= 8:  # frames: stream, three zeros, length, text
        length = int.from_bytes(content[4:8], "big")
        text, content = text + content[8 : 8 + length], content[8 + length :]
    lines = [line.partition(" ") for line in text.decode("utf-8", "replace").splitlines()]
    return [(at, words) for at, _, words in lines]


def just_after(at: str) -> str:
    """2026-11-24T14:00:00.5Z as Docker's `since`, which would show the line of that moment again."""
    seconds, _, fraction = at.rstrip("Z").partition(".")
    return f"{int(instant(seconds))}.{int(fraction.ljust(9, '0')[:9] or 0) + 1:09d}"


# ------------------------------------------------------------------------------------------------ connector

CONNECTOR_UNIT = """\
[Unit]
Description=The Agent's way out to its public URL
StartLimitIntervalSec=0

[Service]
LoadCredential=tunnel-token:{token}
ExecStart={program} tunnel --no-autoupdate --metrics 127.0.0.1:{metrics} run \\
  --token-file ${{CREDENTIALS_DIRECTORY}}/tunnel-token
DynamicUser=yes
Restart=always
RestartSec=2
"""


def ensure_connector(payload: dict[str, Any]) -> None:
    """Runs with today's token, as a user of its own. The token is in a file that only root and this unit can read."""
    token = RUN / "tunnel-token"
    started = RUN / "connector-started"  # with what it was started last
    program = shutil.which("cloudflared")
    if not program:
        raise Trouble("The connector is not installed")
    unit = CONNECTOR_UNIT.format(token=token, program=program, metrics=metrics_port(payload)).encode()
    secret = payload["settings"]["tunnelToken"].encode()
    if not (UNITS / CONNECTOR).exists() or (UNITS / CONNECTOR).read_bytes() != unit:
        store(UNITS / CONNECTOR, unit)
        run("systemctl", "daemon-reload")
    mark = hashlib.sha256(unit + secret).hexdigest().encode()
    if not started.exists() or started.read_bytes() != mark:
        store(token, secret)
        run("systemctl", "restart", CONNECTOR)
        store(started, mark)
        log.info("The connector is started")
    elif not connector_runs():
        run("systemctl", "start", CONNECTOR)


def connector_runs() -> bool:
    return attempt("systemctl", "is-active", CONNECTOR)[1].strip() == "active"


def connector_ready(payload: dict[str, Any]) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port(payload)}/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def metrics_port(payload: dict[str, Any]) -> int:
    return 20241 if payload["port"] != 20241 else 20242


# ------------------------------------------------------------------------------------------------ door


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token is for the door and for nobody that it names."""

    def redirect_request(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
                         headers: email.message.Message, newurl: str) -> None:  # fmt: skip
        return None


class Door:
    """What this machine may say and ask. Whatever happens, it comes in again by its own key."""

    def __init__(self, url: str, agent: str) -> None:
        self.url, self.agent = url.rstrip("/"), agent
        self.token, self.renew_at = "", 0.0
        self.opener = urllib.request.build_opener(NoRedirect)

    def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST with a body, GET without. Refused, Busy, or an OSError."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            request = urllib.request.Request(f"{self.url}/guest/v1/{path}", content, headers)
            with self.opener.open(request, timeout=30) as answer:
                read: dict[str, Any] = json.loads(answer.read(4 * MIB) or b"{}")
                return read
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (401, 403):
                raise Refused(f"{path} was refused") from None
            if error.code == 429:
                seconds = error.headers.get("Retry-After", "")
                raise Busy(min(int(seconds), 900) if seconds.isdigit() else 60) from None
            raise

    def enter(self) -> dict[str, Any] | None:
        """Gets a callback token; the payload too when it redeems the bootstrap token."""
        self.token = ""
        ensure_key()
        if BOOTSTRAP.exists():
            public = run("openssl", "pkey", "-in", str(KEY), "-pubout")
            token = BOOTSTRAP.read_text().strip()
            try:
                answer = self.ask("bootstrap", {"agent": self.agent, "token": token, "publicKey": public})
                self.take(answer)
                log.info("The bootstrap token is redeemed")
                forget(BOOTSTRAP)
                payload: dict[str, Any] = answer["payload"]
                return payload
            except Refused:
                # Redeemed already and the answer lost: then the key is known. Or worthless: then so is keeping it.
                log.warning("The bootstrap token was refused; coming in by the key")
                forget(BOOTSTRAP)
        nonce = self.ask("nonce", {"agent": self.agent})["nonce"]
        signed = sign(f"anchorhold-guest-v1\n{self.agent}\n{nonce}")
        self.take(self.ask("token", {"agent": self.agent, "nonce": nonce, "signature": signed}))
        log.info("Came in by the key")
        return None

    def take(self, answer: dict[str, Any]) -> None:
        self.token = answer["callbackToken"]
        self.renew_at = time.monotonic() + max(60.0, (instant(answer["expiresAt"]) - time.time()) / 2)

    def keep_in(self) -> dict[str, Any] | None:
        if not self.token:
            return self.enter()
        if time.monotonic() > self.renew_at:
            self.take(self.ask("renew", {}))
        return None


def ensure_key() -> None:
    """Made before anything is redeemed: so a lost answer costs nothing."""
    if not KEY.exists():
        store(KEY, run("openssl", "genpkey", "-algorithm", "ed25519").encode())


def sign(message: str) -> str:
    """Base64. Ed25519 is signed from a file, of all algorithms it alone reads its message twice."""
    file = RUN / "to-sign"
    file.write_text(message)
    signed = subprocess.run(
        ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(KEY), "-in", str(file)],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return base64.b64encode(signed.stdout).decode()


# ------------------------------------------------------------------------------------------------ log lines


class Lines(logging.Handler):
    """Our own lines on the way to the door: the newest thousand, so that a door that is away for days costs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: collections.deque[dict[str, str]] = collections.deque(maxlen=1000)
        self.sending: list[dict[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.add(utc(record.created), record.levelname, "guest", record.getMessage())

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


def utc(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


def instant(text: str) -> float:
    """Of 2026-11-24T14:00:00 with or without a fraction, which Python 3.9 reads only in one form."""
    moment = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    return float(moment.replace(tzinfo=datetime.timezone.utc).timestamp())


# ------------------------------------------------------------------------------------------------ the whole


def this_boot() -> str:
    """The same until the next reboot, however often we start. The kernel's own is the host's where machines share one."""
    file = RUN / "boot-id"
    if not file.exists():
        store(file, str(uuid.uuid4()).encode())
    return file.read_text()


class Guest:
    def __init__(self) -> None:
        config = load(CONFIG) or {}
        self.payload = self.saved = load(PAYLOAD)
        self.door = Door(config["door"], config["agent"])
        self.firewall, self.volume, self.lines = Firewall(), Volume(), Lines()
        self.installing, self.pulling = Retry(5, 300), Retry(5, 300)
        self.program = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        self.boot = this_boot()
        self.applied = 0  # the settings' version that the connector runs with
        self.problems: list[dict[str, str]] = []
        self.holds = False
        self.report = self.look(None)
        self.news, self.work = threading.Event(), threading.Event()
        self.shared_until = ""

    # The keeper

    def keep(self) -> None:
        """Looks often while something moves, and ever more seldom while nothing does."""
        pause = 0.5
        while True:
            try:
                moved = self.round()
            except Exception:  # in the looking itself
                log.exception("A round ended early")
                moved = False
            pause = 0.5 if moved else min(pause * 1.5, 5.0 if self.problems else 10.0)
            self.work.wait(pause)
            self.work.clear()

    def round(self) -> bool:
        """One look at everything, and what is needed next. Whether the report has changed."""
        known, self.problems, payload = self.problems, [], self.payload
        self.step("packages", lambda: self.installing.attempt(install_what_is_missing))
        self.holds = self.step("firewall", lambda: self.firewall.ensure(self.container_target(inspect())))
        disks = {"machine's disk": ROOT}
        if payload:
            device, mount = place(payload["volume"]["device"]), place(payload["volume"]["mount"])
            mounted = self.step("volume", lambda: self.volume.ensure(str(device), mount))
            if mounted:
                disks["data volume"] = mount
                self.step("volume", lambda: self.volume.grow(str(device)))
            if not (self.holds and mounted):
                self.step("container", stop_container)
            elif self.step("docker", ensure_docker):
                if self.step("image", lambda: self.pulling.attempt(lambda: ensure_image(payload["image"]))):
                    self.step("container", lambda: ensure_container(payload))
            if self.step("connector", lambda: ensure_connector(payload)):
                self.applied = payload["settings"]["version"]
        self.step("disk", lambda: check_space(disks))
        for problem in self.problems:
            if problem not in known:
                log.warning("%s: %s", problem["what"], problem["message"])
        report = self.look(inspect())
        moved = essence(report) != essence(self.report)
        self.report = report
        if moved:
            self.news.set()
        return moved

    def container_target(self, seen: Any) -> tuple[str, int] | None:
        """Where the container would answer, if the firewall let anybody through to it."""
        networks = seen["NetworkSettings"]["Networks"].values() if seen and self.payload else []
        addresses = [network["IPAddress"] for network in networks if network["IPAddress"]]
        return (addresses[0], self.payload["port"]) if self.payload and addresses else None

    def step(self, what: str, work: Callable[[], None]) -> bool:
        """Whether it went well. Whatever goes wrong is one more problem to report, and hinders nothing else."""
        try:
            work()
            return True
        except Exception as trouble:  # also what nobody thought of: this program has no second way out
            if isinstance(trouble, OSError) and trouble.errno == errno.ENOSPC:
                what, trouble = "disk", Trouble("A disk is full")
            words = str(trouble) if isinstance(trouble, Trouble) else f"{type(trouble).__name__}: {trouble}"
            self.problems.append({"what": what, "message": self.without_secrets(words)[:500]})
            return False

    def without_secrets(self, words: str) -> str:
        payload = self.payload or {"env": {}, "settings": {"tunnelToken": ""}}
        for secret in (*payload["env"].values(), payload["settings"]["tunnelToken"], self.door.token):
            if len(secret) >= 6:  # shorter ones are words and numbers of every day
                words = words.replace(secret, "***")
        return words

    def look(self, seen: Any) -> dict[str, Any]:
        """The report: what is, not what was meant."""
        payload = self.payload
        running = bool(seen) and seen["State"]["Running"] and not seen["State"]["Restarting"]
        return {
            "bootId": self.boot,
            "program": self.program,
            "container": {
                "running": running,
                "image": seen["Config"]["Image"] if seen else None,
                "restarts": seen["RestartCount"] if seen else 0,
            },
            "volume": self.volume.look(place(payload["volume"]["mount"])) if payload else dict(NO_VOLUME),
            "connector": {
                "running": connector_runs(),
                "ready": payload is not None and connector_ready(payload),
            },
            "firewall": {"holds": self.holds, "reachable": self.firewall.reachable},
            "problems": self.problems,
            "settingsVersion": self.applied,
        }

    # The messenger

    def talk(self) -> None:
        away, refused = Retry(1, 60), Retry(30, 600)
        while True:
            try:
                self.visit()
                away.succeeded()
                refused.succeeded()
                self.news.wait(random.uniform(50, 60))
                time.sleep(0.2)  # more news than this makes no more visits
                self.news.clear()
            except Refused as no:
                delay = refused.failed()
                log.warning("The door refuses this machine (%s); the next try is in %.0f s", no, delay)
                time.sleep(delay)
            except Busy as busy:
                time.sleep(busy.seconds)
            except Exception as trouble:
                delay = away.failed()
                if away.failures in (1, 10, 100) or away.failures % 1000 == 0:
                    log.warning("No word with the door: %s", self.without_secrets(str(trouble)))
                time.sleep(delay)

    def visit(self) -> None:
        """A callback token may be dead before its time, then the key opens. When that is refused, so is everything."""
        try:
            self.converse()
        except Refused:
            if not self.door.token:
                raise
            self.door.token = ""
            self.converse()

    def converse(self) -> None:
        payload = self.door.keep_in()
        if not payload and not self.payload:
            payload = self.door.ask("payload")
        if payload:
            self.settle(payload)
        answer = self.door.ask("report", {"report": {**self.report, "at": utc(time.time())}})
        if self.payload and answer["settingsVersion"] > self.payload["settings"]["version"]:
            log.info("New settings, version %d", answer["settingsVersion"])
            self.settle(self.door.ask("payload"))
        self.save()
        share = self.payload is not None and bool(self.payload["settings"]["shareLogs"])
        self.collect_output(share)
        while self.lines.batch(share):
            self.door.ask("logs", {"lines": self.lines.sending})
            self.lines.sending = []

    def settle(self, payload: dict[str, Any]) -> None:
        """Taken at once, kept as soon as the disk has room."""
        self.payload = payload
        self.work.set()
        self.save()

    def save(self) -> None:
        if self.payload is not self.saved:
            try:
                store(PAYLOAD, json.dumps(self.payload).encode())
                self.saved = self.payload
            except OSError as trouble:
                log.warning("The payload cannot be kept on the disk: %s", trouble.strerror)

    def collect_output(self, share: bool) -> None:
        """What the container prints from the moment on that its owner shares it. Never anything else."""
        if not share:
            self.shared_until = ""
            return
        self.shared_until = self.shared_until or f"{time.time():.9f}"
        try:
            for at, words in container_output(self.shared_until):
                self.lines.add(at, "INFO", "container", words)
                self.shared_until = just_after(at)
        except (OSError, Trouble):
            pass  # no container, no output


def essence(report: dict[str, Any]) -> dict[str, Any]:
    """What makes a report news; how much room there is does not."""
    return {**report, "volume": {**report["volume"], "freeBytes": 0}}


def main() -> None:
    os.umask(0o077)
    for folder in (STATE, RUN):
        folder.mkdir(parents=True, exist_ok=True)
    guest = Guest()
    console = logging.StreamHandler(sys.stdout)
    logging.basicConfig(level=logging.INFO, handlers=[console, guest.lines], format="%(levelname)s %(message)s")
    log.info("The guest program %s starts", guest.program[:12])
    threading.Thread(target=guest.talk, daemon=True).start()
    guest.keep()


if __name__ == "__main__":
    if "--probe" in sys.argv:
        probe_as_a_stranger()
    else:
        main()
