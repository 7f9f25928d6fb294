"""Makes the modules of the guest program importable, as the package `program`, before they are put together."""

from __future__ import annotations

import pathlib
import sys

FOLDER = pathlib.Path(__file__).parents[2] / "main/resources/dev/anchorhold/guest/program"
sys.path.insert(0, str(FOLDER.parent))
