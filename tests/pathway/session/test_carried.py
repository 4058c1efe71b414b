"""What is worked out or sent once: it is what would be worked out anew, and it changes with what it stands on."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

from lowtide.data import monitoring, own
from lowtide.pathway.session.rules.compiled import plan
from lowtide.pathway.session.rules.due import due_items
from lowtide.pathway.session.rules.facts import Facts, facts
from lowtide.pathway.session.rules.thresholds import crossings
from lowtide.pathway.session.shown.carried import carried_plan
from lowtide.record.entries.base import Entry
from lowtide.record.entries.chair import Discharged, DoseStopped, NotDone, RateChanged, Rating
from tests.pathway.session.conftest import Care
from tests.pathway.session.making import SESSION, at, bp, dosing, entry

SignIn = Callable[..., Client]
ITEMS = monitoring.items()
STORY: tuple[Entry, ...] = (
    bp(128, 80, 5),
    bp(186, 96, 10),
    bp(150, 90, 15),
    entry(Rating(scale="moaas", value=Decimal(2)), 16),
    entry(RateChanged(rate_ml_per_h=Decimal(0)), 18),
    entry(RateChanged(rate_ml_per_h=Decimal(75)), 24),
    entry(NotDone(item="bp", why="refused"), 30),
    bp(192, 110, 35),
    bp(191, 108, 41),
    entry(DoseStopped(delivered_ml=Decimal(48), complete=False), 48),
)


def afresh(known: Facts) -> Facts:
    """The same facts, of which nothing was asked yet."""
    return facts(SESSION, known.entries)


@pytest.mark.parametrize("many", range(len(STORY) + 1))
def test_what_is_kept_is_what_would_be_worked_out_anew(many: int) -> None:
    known = dosing(*STORY[:many])
    for minute in (0, 20, 60, 400):  # the last lies behind the planned leaving, so that more is due each time
        now = at(minute)
        assert due_items(known, ITEMS, now) == due_items(afresh(known), ITEMS, now)
        assert crossings(known, ITEMS) == crossings(afresh(known), ITEMS)
    sent = re.search(r">(.*)</script>", carried_plan(known, ITEMS, {}).script)
    assert sent
    fresh = json.dumps(plan(afresh(known), ITEMS, {}), cls=DjangoJSONEncoder)
    assert json.loads(sent[1]) == json.loads(fresh)


def test_neither_a_reading_nor_a_rate_is_a_reason_to_send_the_plan_again_but_leaving_and_the_clinics_steps() -> (
    None
):
    names = {carried_plan(dosing(*STORY[:n]), ITEMS, {}).name for n in range(len(STORY) + 1)}
    assert len(names) == 1
    assert carried_plan(dosing(*STORY, entry(Discharged(criteria=()), 180)), ITEMS, {}).name not in names
    assert carried_plan(dosing(), ITEMS, {"M14": ("Call Dr Roe",)}).name not in names


def test_another_number_of_the_clinic_is_answered_at_once() -> None:
    known = dosing(bp(150, 90, 5))
    before = [c.rule.id for c in crossings(known, ITEMS)]
    tight = {"M12": _lower(ITEMS["M12"])}
    assert [c.rule.id for c in crossings(known, tight)] == ["M12"]
    assert [c.rule.id for c in crossings(known, ITEMS)] == before
    with own.laying(own.own((), policy="other")):
        assert known.once("x", None, lambda: "of this clinic") == "of this clinic"
    assert known.once("x", None, lambda: "of another") == "of another"


def _lower(item: monitoring.Item) -> monitoring.Item:
    assert item.trigger
    when = tuple(
        tuple(msgspec.structs.replace(c, at_least=Decimal(100)) if c.at_least else c for c in each)
        for each in item.trigger.when
    )
    return msgspec.structs.replace(item, trigger=msgspec.structs.replace(item.trigger, when=when))


@pytest.mark.django_db
def test_a_page_that_has_the_plan_is_sent_the_rest(new_care: Callable[..., Care], sign_in: SignIn) -> None:
    care, nurse = new_care(start=datetime.now(UTC) - timedelta(minutes=32)), sign_in("nurse")
    care.prepare()
    care.begin()
    live = f"/patients/{care.patient}/sessions/{care.session}/live"
    whole = nurse.get(live).content.decode()
    name = re.search(r'data-plan-name="(\w+)"', whole)
    assert name
    rest = nurse.get(live, {"plan": name[1]}).content.decode()
    assert 'data-part="plan"' not in rest
    assert "watch-readings" in rest
    assert 'data-part="plan"' in nurse.get(live, {"plan": "of another day"}).content.decode()
