"""The nftables rules of the machine's own firewall: sets them and reads them back."""

from __future__ import annotations

import json
from typing import Any

from .commands import run, try_run
from .common import GuestError

# A table of its own: in nftables a drop is final whatever other tables say, so Docker's chains, which come and go with
# Docker, can neither open this one nor lose it. Nothing comes in but answers, and what IPv6 needs to have neighbours.
# The container gets out, but not to the metadata service, where the user data is, nor to the host. What comes from the
# probe (anchorhold0, see firewall_probe) is counted as it is dropped.
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


def set_rules() -> list[Any]:
    """Replaces the whole table in one transaction. What stands then, as read_rules says it."""
    run("nft", "-f", "-", stdin=RULES)
    rules = read_rules()
    dropping = [chain for chain in rules if chain.get("policy") == "drop" and chain.get("type") == "filter"]
    if sorted(chain.get("hook") for chain in dropping) != ["forward", "input"]:
        raise GuestError("The firewall's rules were set and are not there")
    return rules


def read_rules() -> list[Any]:
    """Chains and rules as they stand, without the numbers that change."""
    rules = list_table()
    for rule in rules:
        rule.pop("handle", None)
        rule["expr"] = [{"counter": None} if "counter" in part else part for part in rule.get("expr", [])]
    return rules


def list_table() -> list[Any]:
    code, output, _ = try_run("nft", "-j", "list", "table", "inet", "anchorhold")
    objects = json.loads(output)["nftables"] if code == 0 else []
    return [item[kind] for item in objects for kind in ("chain", "rule") if kind in item]


def dropped_probe_packets() -> int:
    """How many packets of probes the rules have dropped."""
    parts = [part for rule in list_table() for part in rule.get("expr", []) if "counter" in part]
    return sum(part["counter"]["packets"] for part in parts)
