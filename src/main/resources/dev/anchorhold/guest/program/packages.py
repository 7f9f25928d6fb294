"""Installs the packages that the machine lacks: Docker and nftables from Debian, cloudflared from Cloudflare."""

from __future__ import annotations

import shutil
import urllib.request

from .commands import run
from .common import MIB, ROOT, log
from .files import write_atomically

PACKAGES = {"dockerd": ["docker.io", "apparmor"], "nft": ["nftables"], "ip": ["iproute2"], "mkfs.ext4": ["e2fsprogs"]}
CLOUDFLARE_KEY = "https://pkg.cloudflare.com/cloudflare-main.gpg"
CLOUDFLARE_REPOSITORY = "https://pkg.cloudflare.com/cloudflared any main"


def install_missing_packages() -> None:
    """An image that carries them all needs no network for it."""
    apt_install([name for command, names in PACKAGES.items() if not shutil.which(command) for name in names])
    if not shutil.which("cloudflared"):
        keyring = ROOT / "usr/share/keyrings/cloudflare-main.gpg"
        keyring.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(CLOUDFLARE_KEY, timeout=60) as response:
            write_atomically(keyring, response.read(MIB))
        source = ROOT / "etc/apt/sources.list.d/cloudflared.list"
        write_atomically(source, f"deb [signed-by={keyring}] {CLOUDFLARE_REPOSITORY}\n".encode())
        for file in (keyring, source):
            file.chmod(0o644)  # apt reads them as a user of its own
        apt_install(["cloudflared"])


def apt_install(packages: list[str]) -> None:
    if packages:
        log.info("Installing %s", " ".join(packages))
        run("dpkg", "--configure", "-a", timeout=600)  # what a kill left half done
        options = ["-q", "-o", "DPkg::Lock::Timeout=300"]
        run("apt-get", *options, "update", timeout=600)
        run("apt-get", *options, "install", "-y", "--no-install-recommends", *packages, timeout=1200)
