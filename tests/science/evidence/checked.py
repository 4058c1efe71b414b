"""Somebody has looked at claims: what they saw is kept, so that rows which change it take “last checked” away.

.venv/bin/python -m tests.science.evidence.checked fast others_failed
.venv/bin/python -m tests.science.evidence.checked

Read the claim, its reasons and what patients read of it beside the answers first (/evidence/claims). Without names every
claim of which rows changed is taken as looked at.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from lowtide.data.claims import LOOKED, Looked, claims, looked
from lowtide.pathway.course.trial_answers import Standing, standing
from lowtide.science.evidence.looked import figures, trials
from tests.science.evidence.changes import DATA


def seen(now: Standing, names: Sequence[str], before: dict[str, Looked]) -> dict[str, Looked]:
    """What was kept, with what these claims rest on now in its place."""
    day = datetime.now(UTC).date()
    fresh = {
        name: Looked(
            day,
            {one: figures(now.answers.get(one)) for one in claims()[name].weighed},
            trials(claims()[name], now.tables),
        )
        for name in names
    }
    return {name: fresh.get(name) or before[name] for name in claims()}


def main() -> None:
    path = DATA / LOOKED
    before = looked() if path.exists() else {}
    now = standing() if before else None
    names = sys.argv[1:] or [n for n in claims() if now is None or not now.claims[n].since.stands]
    if now is None:
        path.write_text("{}", encoding="utf-8")
        now = standing()
    text = msgspec.json.format(msgspec.json.encode(seen(now, names, before)), indent=1).decode()
    path.write_text(f"{text}\n", encoding="utf-8")
    print(f"looked at: {', '.join(names) or 'nothing'}")


if __name__ == "__main__":
    main()
