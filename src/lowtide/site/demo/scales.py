"""Scales beside the course's questionnaire in the demonstration: ratings with their rater, and what patients answer."""

from datetime import datetime

from lowtide.data.instruments import instrument
from lowtide.pathway.outcomes import actions as outcomes
from lowtide.record.entries.base import Source
from lowtide.site.demo.care import Care

SAID_OF_RISK = {"MADRS": "10", "HAMD17": "3"}


def rated(care: Care, at: datetime, name: str, total: int) -> None:
    """A rating by the prescriber, typed by the nurse."""
    who = outcomes.Answerer(
        by=care.nurse.by, source=Source.MANUAL, mode="interview", rater=care.prescriber.by
    )
    _answered(care, at, name, total, who)


def answered(care: Care, at: datetime, name: str, total: int, mode: str = "phone") -> None:
    """What the patient answered, at home or on paper."""
    by, source = (
        (care.nurse.by, Source.MANUAL) if mode == "paper" else (f"patient:{care.patient_id}", Source.PATIENT)
    )
    _answered(care, at, name, total, outcomes.Answerer(by=by, source=source, mode=mode))


def _answered(care: Care, at: datetime, name: str, total: int, who: outcomes.Answerer) -> None:
    items = _items(name, total)

    def happen() -> None:
        outcomes.answer(care.stream, care._id(f"{name} {at}"), instrument(name), items, who, at)

    care.events.append((at, happen))


def _items(name: str, total: int) -> dict[str, int]:
    """Answers that add up to the total, as evenly as the items allow; those about suicide stay at their lowest."""
    one = instrument(name)
    items = {item: (one.item(item).range or (0, 0))[0] for item in one.ids}
    while sum(items.values()) < total:
        open_ = [
            i for i in one.ids if items[i] < (one.item(i).range or (0, 0))[1] and i != SAID_OF_RISK.get(name)
        ]
        items[min(open_, key=lambda i: items[i])] += 1
    return items
