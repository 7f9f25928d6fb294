"""Times as RFC 3339 text, the form in which the door and Docker write them."""

from __future__ import annotations

import datetime


def format_time(moment: float) -> str:
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_time(text: str) -> float:
    """Of 2026-11-24T14:00:00 with or without a fraction, which Python 3.9 reads only in one form."""
    moment = datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    return float(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
