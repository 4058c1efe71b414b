"""A protocol applied to one person: sessions, checks before signing, what falls due.

Example: lowtide plan intake.json --protocol P05 --vial 50mg/mL --final-volume 50mL --start 2026-12-01 --json
         lowtide plan bundle.json --protocol P05
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from lowtide.data.dosing import dosing
from lowtide.data.protocols import protocol
from lowtide.exchange.fhir.bundle import chart_from_bundle
from lowtide.pathway.evaluate.chart_facts import facts_from_chart
from lowtide.pathway.plan.candidacy import candidacy
from lowtide.pathway.plan.checks import PlanCheck
from lowtide.pathway.plan.dose import PARENTERAL
from lowtide.pathway.plan.intake import Intake, intake
from lowtide.pathway.plan.order import shown
from lowtide.pathway.plan.ordering import subject
from lowtide.pathway.plan.outlook import Forecast, forecast
from lowtide.pathway.plan.rules import Plan, PlannedSession, Request, plan
from lowtide.problems import bad
from lowtide.science import units
from lowtide.site.answers import add_json, answer
from lowtide.site.commands.pump import preparation
from lowtide.site.days import room
from lowtide.site.inputs import json_file
from lowtide.site.numbers import HELP, Numbers, numbers
from lowtide.site.predicted import forecast_lines
from lowtide.site.sheets import sheet_document

NOON = time(12)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a completed intake or a FHIR Bundle, as JSON")
    parser.add_argument("--protocol", help="such as P05; the intake's own request stands without it")
    parser.add_argument("--policy", default="default", help=HELP)
    parser.add_argument("--vial", help="strength of the vial in hand: 50mg/mL")
    parser.add_argument("--final-volume", help="what it is made up to: 50mL")
    parser.add_argument("--pump-step", help="the pump's finest step: 0.1mL/h")
    parser.add_argument("--drop-factor", help="drops per mL of a gravity set: 20")
    parser.add_argument("--weight", help='measured today, in kg or with its unit: "154 lb"')
    parser.add_argument("--start", help="day of the first session, YYYY-MM-DD (default: today)")
    parser.add_argument("--zone", default="UTC", help="the clinic's time zone, such as America/New_York")
    parser.add_argument("--hours", help='opening hours: "Mon-Fri 08:00-18:00, Sat 09:00-13:00"')
    parser.add_argument("--closed", action="append", default=[], help="a closed day, YYYY-MM-DD; repeatable")
    parser.add_argument("--away", action="append", default=[], help="days away: 2026-12-10..2026-12-14")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    with numbers(args.policy) as chosen:
        return _plan(args, chosen)


def _plan(args: argparse.Namespace, judged: Numbers) -> int:
    zone = _zone(args.zone)
    start = _day(args.start) if args.start else datetime.now(UTC).astimezone(zone).date()
    taken = _with_weight(_read(args.file, start, zone), args.weight)
    chosen = args.protocol or taken.requested.protocol_id
    if chosen is None:
        raise bad("no protocol is named", "--protocol", "Name one, like --protocol P05.")
    named, rules = protocol(chosen, "--protocol"), judged.policy
    request = Request(
        subject=taken.subject,
        protocol=named,
        start=start,
        zone=zone,
        requested=taken.requested,
        preparation=preparation(args) if args.vial else None,
        candidacy=candidacy(taken.facts, taken.requested, named, rules, start),
        room=room(args.hours, args.closed, args.away, zone),
    )
    made = plan(request, dosing(judged.name))
    predicted, why = forecast(made, request.subject)
    if predicted is None:
        made = msgspec.structs.replace(made, checks=(*made.checks, PlanCheck("forecast", False, why)))
    return answer(_document(made, predicted, zone), _lines(made, predicted, zone), as_json=args.json)


def _read(path: Path, start: date, zone: ZoneInfo) -> Intake:
    mend = "Give one intake or one FHIR Bundle as JSON."
    document = json_file(path, mend)
    if not isinstance(document, dict):
        raise bad("not an intake", str(path), mend)
    if "resourceType" in document:
        return _from_bundle(path.read_bytes(), path, start, zone)
    if "vignettes" in document:
        raise bad("a collection of cases", str(path), "Give one of its elements as a file of its own.")
    return intake(document)


def _from_bundle(content: bytes, path: Path, start: date, zone: ZoneInfo) -> Intake:
    """The person as the history in a FHIR file knows them on the first day; it asks for nothing."""
    chart = chart_from_bundle(content, datetime.combine(start, NOON, zone), name=str(path), zone=zone)
    return Intake(subject(chart, start, zone), facts_from_chart(chart, start, zone))


def _with_weight(taken: Intake, weight: str | None) -> Intake:
    if weight is None:
        return taken
    kg = units.weight_kg(weight, "--weight", bare_is_kg=True)
    weighed = msgspec.structs.replace(taken.subject, weight_kg=kg, weight_age_days=0)
    values, days = taken.facts.values | {"weight_kg": float(kg)}, taken.facts.taken | {"weight_kg": 0}
    facts = msgspec.structs.replace(taken.facts, values=values, taken=days)
    return msgspec.structs.replace(taken, subject=weighed, facts=facts)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise bad(f"“{text}” is not a day", "--start", "Write it like 2026-12-01.") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise bad(f"unknown time zone “{name}”", "--zone", "Use a name like Europe/London.") from error


def _document(made: Plan, predicted: Forecast | None, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "protocol": {
            "id": made.protocol.id,
            "version": made.protocol_version,
            "source": made.protocol.source,
        },
        "policy": {"name": made.policy, "version": made.policy_version},
        "sessions": [_session(session, made, zone) for session in made.sessions],
        "checks": made.checks,
        "due": [{**msgspec.to_builtins(d), "due_at": _local(d.due_at, zone)} for d in made.due],
        "forecast": predicted,
    }


def _session(session: PlannedSession, made: Plan, zone: ZoneInfo) -> dict[str, Any]:
    protocol, dose = made.protocol, session.dose
    document: dict[str, Any] = {
        "number": session.number,
        "at": _local(session.at, zone),
        "product": protocol.product,
        "route": protocol.route,
        "dose_mg": units.plain(dose.mg) if dose else None,
        "dose_mg_exact": units.plain(dose.exact_mg) if dose else None,
        "dose_mg_per_kg": shown(dose.mg_per_kg) if dose and dose.mg_per_kg is not None else None,
    }
    if protocol.over_min is not None:
        document["over_min"] = float(protocol.over_min)
        document["rate_mg_per_h"] = float(dose.mg * 60 / protocol.over_min) if dose else None
    if protocol.device_mg:
        document["devices"] = dose.devices if dose else None
        document["device_mg"] = units.plain(protocol.device_mg)
    elif protocol.route in (*PARENTERAL, None):
        document |= _volumes(session, runs=protocol.over_min is not None)
    if session.moved:
        document["moved"] = session.moved
    document["observation_min"] = float(protocol.observation_min) if protocol.observation_min else None
    return document


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat()


def _volumes(session: PlannedSession, *, runs: bool) -> dict[str, Any]:
    """What is drawn and how fast it runs: unknown while no vial is in hand, and no rate for what does not run."""
    if session.sheet is None:
        return {"volume_ml": None} | ({"rate_ml_per_h": None} if runs else {})
    sheet = sheet_document(session.sheet)
    return {"volume_ml": sheet.pop("vial_volume_ml"), **sheet}


def _lines(made: Plan, predicted: Forecast | None, zone: ZoneInfo) -> Iterator[str]:
    yield f"{made.protocol.id} {made.protocol.condition}, {made.protocol.source_body}"
    for session in made.sessions:
        dose = f"{units.plain(session.dose.mg)} mg" if session.dose else "dose not known"
        moved = f"  ({session.moved})" if session.moved else ""
        yield f"{session.number}. {session.at.astimezone(zone):%a %d %b %Y %H:%M %Z}  {dose}{moved}"
    for check in made.checks:
        yield f"{'STOP' if check.blocking else 'note'}: {check.text}"
    if predicted:
        yield from forecast_lines(predicted)
