"""The decision that stands, in words, and what has moved since it was made."""

from collections.abc import Mapping
from typing import Any

from lowtide.data import rules as tables
from lowtide.data import vocabulary
from lowtide.data.policies import policies
from lowtide.pathway.evaluate.deciding import page
from lowtide.pathway.evaluate.deciding.kept import summaries
from lowtide.pathway.evaluate.deciding.moved import Summary, as_decided, moved, summary
from lowtide.pathway.evaluate.deciding.scene import ASKED, Scene, requested_of
from lowtide.pathway.evaluate.rules import Evaluation
from lowtide.pathway.evaluate.ruling.adopted import policy_in_force
from lowtide.people.who import names_of
from lowtide.record.entries.care import CandidacyDecided
from lowtide.record.entries.words import moment


def standing(scene: Scene, made: Evaluation | None, names: Mapping[str, str] | None) -> dict[str, Any] | None:
    """The decision that stands, and what has moved since it was made."""
    last = scene.whole.last(CandidacyDecided)
    if last is None:
        return None
    entry, body = last
    level, words = page.WORDS.get(body.decision, ("note", body.decision))
    now = _now(scene, body, made)
    differs = moved(as_decided(body), now) if now else None
    return {
        "entry": entry,
        "body": body,
        "level": level,
        "words": words.removesuffix(", for now"),
        "suggested": page.WORDS.get(body.suggested, ("", body.suggested))[1],
        "overrides": body.suggested != body.decision,
        "request": ", ".join(vocabulary.label(kind, getattr(body, kind)) for kind in ASKED),
        "by": (names or names_of({entry.by}))[entry.by],
        "at": moment(entry.at, scene.zone),
        "moved": _said_moved(differs, body, now) if differs and now else None,
        "rules_moved": body.rules_version != tables.version(),
    }


def _now(scene: Scene, body: CandidacyDecided, made: Evaluation | None) -> Summary | None:
    """What the rules say now of what was decided on, under the policy it was decided under."""
    name = body.policy.split(" ")[0]
    if name not in policies():
        return None
    requested = requested_of({kind: getattr(body, kind) for kind in ASKED}, scene.facts)
    if made and made.requested == requested and made.policy.name == name:
        return summary(made)
    in_force = policy_in_force(scene.clinic)
    policy = in_force if in_force.name == name else policies()[name]
    return summaries(scene.whole, [(requested, policy)], scene.today, scene.zone, scene.facts)[0]


def _said_moved(differs: Any, body: CandidacyDecided, now: Summary) -> dict[str, Any]:
    rule = tables.rules()
    return {
        "turned": differs.turned,
        "after": page.WORDS[now.decision][1],
        "before": page.WORDS.get(body.suggested, ("", body.suggested))[1],
        "new": [
            f"{i} {rule[i].domain}: {now.findings[i].replace('_', ' ')}" for i in differs.new if i in rule
        ],
        "gone": list(differs.gone),
        "changed": [f"{i} now {now.findings[i].replace('_', ' ')}" for i in differs.changed],
        "learned": [page.label_of(item) for item in differs.learned],
        "forgotten": [page.label_of(item) for item in differs.forgotten],
    }
