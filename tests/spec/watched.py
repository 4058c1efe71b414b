"""The table of cases of what is due and what asks at a chair, and what the server's Python says to each of them."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from lowtide.data import monitoring
from lowtide.data.monitoring import Item
from lowtide.pathway.session.rules import compiled, thresholds
from lowtide.pathway.session.rules.due import DueItem, Status, due_items, next_due
from lowtide.pathway.session.rules.facts import Facts, facts, session_facts
from lowtide.pathway.session.rules.thresholds import Crossing, Sight, sights
from lowtide.record.entries.base import Body, Entry
from lowtide.record.entries.chair import (
    Acknowledged,
    ChairEvent,
    Discharged,
    DoseGiven,
    DoseStopped,
    DosingEnded,
    NotDone,
    RateChanged,
    Rating,
    Vitals,
)
from lowtide.record.entries.clinic import EnteredInError
from lowtide.record.entries.devices import PumpTold
from lowtide.record.entries.longrun import ContainerChanged
from lowtide.record.entries.reminding import ArtefactMarked
from tests.pathway.session import making
from tests.pathway.session.making import SESSION, at, chart, entry

HERE = Path(__file__).parent / "watch"
VITALS = {"hr": "heart_rate_bpm", "spo2": "spo2_pct", "rr": "resp_rate_per_min"}
CHARTED = {"sbp_mmhg", "dbp_mmhg"}
SCALES = ("moaas", "nausea", "dissociation", "cadss", "distress", "pain", "aldrete")


class Scene(msgspec.Struct, frozen=True):
    """A session at an instant: its facts, and what was seen besides that no entry can say."""

    facts: Facts
    more: tuple[Sight, ...]
    now: datetime
    monitoring: Mapping[str, Item]

    def as_sent(self) -> dict[str, Any]:
        """What the page hands to the script, and the readings that only a rule knows."""
        more = [
            {"id": str(s.entry.id), "at": s.entry.at.isoformat(), "counter": 0, "values": _plain(s.values)}
            for s in self.more
        ]
        return {
            "plan": compiled.plan(self.facts, self.monitoring),
            "readings": [*compiled.readings(self.facts), *more],
            "now": _ms(self.now),
        }

    def as_cut(self, minute: float) -> dict[str, Any]:
        """The same where the line went before this minute: what came later waits on the tablet, as its entries."""
        kept = [e for e in self.facts.entries if not self._waits(e, minute)]
        waiting = [e for e in self.facts.entries if self._waits(e, minute)]
        known = facts(SESSION, kept)
        more = [r for r in self.as_sent()["readings"] if r["id"] in {str(s.entry.id) for s in self.more}]
        return {
            "plan": compiled.plan(known, self.monitoring),
            "readings": [*compiled.readings(known), *more],
            "waiting": [_queued(e) for e in waiting],
            "now": _ms(self.now),
        }

    def _waits(self, one: Entry, minute: float) -> bool:
        """Leaving, another bag and what a pump says need the line, as does all before the dose."""
        return one.at >= at(minute) and not isinstance(one.body, Discharged | ContainerChanged | PumpTold)

    def answer(self) -> dict[str, Any]:
        """What Python says, in the script's words."""
        due = [d for d in due_items(self.facts, self.monitoring, self.now) if d.due_at <= self.now]
        seen = sorted((*sights(self.facts), *self.more), key=lambda s: s.entry.order)
        found = thresholds.crossed(self.monitoring, seen, self.facts.entries, self.facts.route)
        return {
            "due": [_slot(d, self.now) for d in due],
            "next": [d.parameter.id for d in next_due(due) if d.status(self.now) is not Status.PLANNED],
            "late": [_slot(d, self.now) for d in due if d.status(self.now) is Status.LATE],
            "crossings": [_crossing(c) for c in found],
            "asking": [c.rule.id for c in thresholds.asking(found)],
            "pressing": [_crossing(c) for c in thresholds.pressing(found, self.now)],
        }


def cases() -> list[dict[str, Any]]:
    """Every case of every file, with the name of its file before its own."""
    found: list[dict[str, Any]] = []
    for path in sorted(HERE.glob("*.toml")):
        found += [c | {"file": path.stem} for c in tomllib.loads(path.read_text())["cases"]]
    return found


def scene(case: Mapping[str, Any], monitored: Mapping[str, Item] | None = None) -> Scene:
    """The case as a session."""
    entries = list(_dosing(case))
    told: list[Entry] = []
    more: list[Sight] = []
    for place, line in enumerate(case.get("at", ())):
        made = _entry(line, told, place)
        told.append(made)
        raw = line.get("values", {})
        if raw and (not set(raw) <= CHARTED or any(not str(v).isdigit() for v in raw.values())):
            values = {n: v if isinstance(v, bool) else Decimal(v) for n, v in raw.items()}
            more.append(Sight(made, _risen(values), ()))
        else:
            entries.append(made)
    return Scene(
        session_facts(chart(*entries), SESSION), tuple(more), at(case["now"]), monitored or monitoring.items()
    )


def _risen(values: dict[str, Any]) -> dict[str, Any]:
    """What is worked out of a rating before which none was made."""
    found = {
        name: values[of] for name, of in monitoring.rises().items() if of in values and name not in values
    }
    return values | found


def _dosing(case: Mapping[str, Any]) -> Iterable[Entry]:
    route = case.get("route", "iv")
    order = {"iv": making.order, "in": making.devices, "sc": making.injection}[route]()
    yield making.scheduled()
    yield entry(order, -30, id=UUID(int=10))
    yield making.timed_out()
    if not case.get("started", True):
        return
    if route == "iv":
        yield from _bagged(case["bag"]) if "bag" in case else (making.started(),)
        return
    parts = case.get("parts", (0, 5) if route == "in" else (0,))
    each = order.each_mg or order.dose_mg
    whole = [str(each)] * len(parts)
    for number, (minute, mg) in enumerate(zip(parts, case.get("mg", whole), strict=True), start=1):
        form = "device" if route == "in" else "injection"
        body = DoseGiven(
            order=UUID(int=10), form=form, route=route, number=number, mg=Decimal(mg), of_mg=each
        )
        yield entry(body, minute)


def _bagged(volume_ml: str) -> Iterable[Entry]:
    """The first of several bags, which has a label."""
    volume, bag = Decimal(volume_ml), UUID(int=30)
    yield entry(making.bag(volume_ml=volume), -12, id=bag)
    yield making.started(container=bag)


def _entry(line: Mapping[str, Any], told: list[Entry], place: int) -> Entry:
    made = entry(_body(line, told), line["min"], id=UUID(int=1000 + place), reason="a reason")
    if "corrects" in line:
        made = msgspec.structs.replace(made, corrects=told[line["corrects"]].id)
    return made


def _body(line: Mapping[str, Any], told: list[Entry]) -> Body:
    scale = next((s for s in SCALES if s in line), None)
    if scale:
        return Rating(scale=scale, value=Decimal(line[scale]))
    if "hung" in line:
        return ContainerChanged(
            begun=UUID(int=20),
            residual_ml=Decimal(line["rest"]),
            volume_ml=Decimal(line["hung"]),
            mg_per_ml=making.MG / making.VOLUME_ML,
            rate_ml_per_h=Decimal(line["rate"]),
        )
    if "no_more" in line:
        return DosingEnded()
    if "rate" in line:
        return RateChanged(rate_ml_per_h=Decimal(line["rate"]))
    if "told_mg_per_h" in line:
        strength = Decimal(line["of"]) if "of" in line else None
        return PumpTold(
            device="P1", event="rate_told", rate_mg_per_h=Decimal(line["told_mg_per_h"]), mg_per_ml=strength
        )
    if "ended" in line:
        return DoseStopped(delivered_ml=Decimal(line["ended"]), complete=True)
    if "event" in line:
        return ChairEvent(what=line["event"])
    if "omitted" in line:
        return NotDone(item=line["omitted"], why=line["why"])
    if "answer" in line:
        return Acknowledged(rule=line["answer"], about=told[line["about"]].id)
    if "artefact" in line:
        return ArtefactMarked(about=told[line["artefact"]].id, parameters=tuple(line.get("rows", ())))
    if "left" in line:
        return Discharged(criteria=())
    return _vitals(line)


def _vitals(line: Mapping[str, Any]) -> Body:
    values: dict[str, Any] = {
        n: int(v) for n, v in line.get("values", {}).items() if n in CHARTED and str(v).isdigit()
    }
    values |= {VITALS[n]: v for n, v in line.items() if n in VITALS}
    if "bp" in line:
        values |= dict(zip(("sbp_mmhg", "dbp_mmhg"), map(int, line["bp"].split("/")), strict=True))
    return Vitals(**values) if values or "values" in line else EnteredInError()


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: v if isinstance(v, bool) else str(v) for n, v in values.items()}


def _queued(one: Entry) -> dict[str, Any]:
    corrects = {"corrects": str(one.corrects)} if one.corrects else {}
    said = {"id": str(one.id), "at": one.at.isoformat(), "counter": one.counter, "kind": one.kind}
    return said | corrects | {"body": msgspec.to_builtins(one.body, str_keys=True)}


def _ms(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp() * 1000


def _slot(item: DueItem, now: datetime) -> dict[str, Any]:
    return {
        "row": item.parameter.id,
        "rule": item.rule.id,
        "due_at": _ms(item.due_at),
        "opens_at": _ms(item.opens_at),
        "late_at": _ms(item.late_at),
        "escalate_at": _ms(item.escalate_at),
        "by": str(item.by.entry.id) if item.by else None,
        "status": item.status(now).value,
    }


def _crossing(crossing: Crossing) -> dict[str, Any]:
    return {
        "rule": crossing.rule.id,
        "level": crossing.level,
        "first": str(crossing.first.id),
        "latest": str(crossing.latest.id),
        "at": _ms(crossing.at),
        "found": crossing.found,
        "complete": crossing.complete,
        "current": crossing.current,
        "answered": str(crossing.answered.id) if crossing.answered else None,
        "action": crossing.action,
        "asks_at": _ms(crossing.asks_at),
        "second_at": _ms(crossing.second_at),
        "again_at": _ms(crossing.again_at),
    }


def differs(case: Mapping[str, Any], said: Mapping[str, Any], now_ms: float) -> dict[str, Any]:
    """What the answer `said` has otherwise than the case expects; empty when all is as it should be."""
    pressing = said["pressing"]
    second = [c["rule"] for c in pressing if c["second_at"] is not None and c["second_at"] <= now_ms]
    rules = [c["rule"] for c in pressing]
    found = {
        "asks": rules,
        "second": second,
        "waits": [rule for rule in said["asking"] if rule not in rules],
        "level": pressing[0]["level"] if pressing else None,
        "due": said["next"],
        "late": [d["row"] for d in said["late"]],
    }
    slot = _ms(at(case["slot"])) if "slot" in case else None
    for status in ("done", "missed", "not_done"):
        found[status] = [d["row"] for d in said["due"] if d["due_at"] == slot and d["status"] == status]
    expected = {name: case[name] for name in found if name in case}
    late_once = {"late": list(dict.fromkeys(found["late"]))}
    found |= late_once
    return {n: (v, found[n]) for n, v in expected.items() if v != found[n]}
