"""What entries about reminders are called and what one of them says, in a line (pure)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

LABELS = {"artefact_marked": "No true reading", "actions_written": "Steps at a reminder"}
SAYS: dict[str, Callable[[Any, tzinfo], str]] = {
    "artefact_marked": lambda b, z: f"an artefact{': ' + ', '.join(b.parameters) if b.parameters else ''}",
    "actions_written": lambda b, z: f"{b.rule}: {'; '.join(b.steps) or 'the table’s action alone'}",
}
