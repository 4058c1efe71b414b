"""The therapist's words around a session, each kept for those whom its prompt is for."""

from collections.abc import Mapping
from uuid import uuid5

import msgspec

from lowtide.data.audiences import audience
from lowtide.data.therapy import stages
from lowtide.pathway.session.actions.common import Act, once, require
from lowtide.people.roles import Permission
from lowtide.problems import bad, refuse
from lowtide.record import store
from lowtide.record.entries.base import Draft, Entry
from lowtide.record.entries.therapy import TherapyNote


def write(act: Act, stage: str, said: Mapping[str, str]) -> list[Entry]:
    """One entry for each audience: what the team at the chair has to know is kept apart from what only therapists read.

    Preparation comes before a chair is booked and integration long after: the phase of the session refuses nothing.
    """
    require(act, Permission.WRITE_THERAPY)
    if stage not in stages():
        raise bad("there is no such stage", "stage", "Choose before, during or integration.")
    drafts = _drafts(act, stage, {key: words.strip() for key, words in said.items() if words.strip()})
    if not drafts:
        raise bad("nothing was written", "said", "Write something, or leave the page.")
    return once(drafts[0], lambda: store.append(drafts, now=act.now), timed=act.at)


def _drafts(act: Act, stage: str, said: Mapping[str, str]) -> list[Draft]:
    by_topic: dict[str, dict[str, str]] = {}
    known = {prompt.id: prompt.topic for prompt in stages()[stage].prompts}
    for key, words in said.items():
        if key not in known:
            raise refuse(f"“{key}” is not asked at this stage", key, "Use the fields of the page.")
        by_topic.setdefault(known[key], {})[key] = words
    found = [
        act.draft(TherapyNote(stage=stage, topic=topic, said=words), visible_to=audience(topic))
        for topic, words in by_topic.items()
    ]
    return [found[0], *(_beside(act, draft) for draft in found[1:])] if found else []


def _beside(act: Act, draft: Draft) -> Draft:
    topic = draft.body.topic  # type: ignore[attr-defined]
    return msgspec.structs.replace(draft, id=uuid5(act.entry_id, topic))
