"""What the script at the chair evaluates, as the page carries it: the plan under a name, and what was read so far.

The plan is large and changes seldom, the readings often: a page that has the plan of that name is sent the rest only.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe

from lowtide.data.monitoring import Item
from lowtide.data.own import laid
from lowtide.pathway.session.rules.compiled import plan, readings
from lowtide.pathway.session.rules.facts import Facts
from lowtide.pathway.session.rules.steps import Steps
from lowtide.record.dates import instant

KEPT = 128


class Carried(msgspec.Struct, frozen=True):
    """A plan as the markup that carries it; another plan has another name."""

    name: str
    script: SafeString


_kept: OrderedDict[UUID, tuple[object, Carried]] = OrderedDict()


def carried_plan(facts: Facts, monitoring: Mapping[str, Item], steps: Steps) -> Carried:
    """The plan of a session, laid out again when something in it changes."""
    basis = (laid(), steps, monitoring, *_of(facts))
    known = _kept.get(facts.session)
    if known is None or known[0] != basis:
        known = (basis, _laid_out(facts, monitoring, steps))
        _kept[facts.session] = known
        _kept.move_to_end(facts.session)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return known[1]


def _of(facts: Facts) -> tuple[object, ...]:
    """All that the plan takes from the facts: no reading is among it, and the dose is one."""
    return facts.order and facts.order[1], facts.over_at


def _laid_out(facts: Facts, monitoring: Mapping[str, Item], steps: Steps) -> Carried:
    made = plan(facts, monitoring, steps)
    name = sha256(json.dumps(made, cls=DjangoJSONEncoder).encode()).hexdigest()[:16]
    return Carried(name, json_script(made, "watch-plan"))


def carried_readings(facts: Facts, now: datetime, second: str) -> SafeString:
    """What was read so far, the server's clock, and who is called when nobody answers."""
    clock = json_script({"now": instant(now), "second": second}, "watch-now")
    read = facts.once("carried", None, lambda: json_script(readings(facts), "watch-readings"))
    return mark_safe(read + clock)  # noqa: S308  both escape what they are given
