"""Print a patient's chart: who it is, what stands in it, and what is only kept.

example:
  lowtide show LT-0417
  lowtide show "Ines Halvorsen" --json

PATIENT is the id of the chart, a number (the clinic's or another system's), or a name that only one patient has.
"""

import argparse
from typing import TYPE_CHECKING, Any

from lowtide.site.answers import add_json, answer
from lowtide.site.setup import ready

if TYPE_CHECKING:
    from lowtide.record.chart import Chart
    from lowtide.record.entries.base import Entry

BY = "system:command-line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("patient", metavar="PATIENT", help="id, number or unique name")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    ready()
    from lowtide.people.charts import whole_chart
    from lowtide.record import access_log
    from lowtide.site.which import the_one

    stream = the_one(args.patient)
    whole = whole_chart(stream)
    chart = whole.seen_by(frozenset(), BY)  # whoever runs commands is of no role
    access_log.log(BY, "lowtide show", stream=stream)
    document = _document(stream, chart) | {"narrow": len(whole) - len(chart)}
    return answer(document, _lines(document), as_json=args.json)


def _document(stream: str, chart: "Chart") -> dict[str, Any]:
    from lowtide.record.entries.clinic import FhirResource
    from lowtide.record.entries.identity import Patient

    own = [(entry, body) for entry, body in chart.said(Patient) if entry.stream == stream]
    who = own[-1][1] if own else None
    kept = [(entry, body) for entry, body in chart.said(FhirResource)]
    return {
        "patient": {"id": stream.partition(":")[2], "charts": sorted(chart.known), **_identity(who)},
        "entries": [_said(e) for e in chart.standing() if not isinstance(e.body, FhirResource)],
        "kept": [
            {
                "id": e.id,
                "type": b.resource_type,
                "resource_id": b.resource_id,
                "source": b.system,
                "why": b.kept_because,
            }
            for e, b in kept
            if b.kept_because
        ],
        "resources": len(kept),
    }


def _identity(who: Any) -> dict[str, Any]:
    if who is None:
        return {"name": None}
    return {
        "name": f"{who.given} {who.family}".strip(),
        "birth_date": who.birth_date,
        "sex": who.sex,
        "identifiers": who.identifiers,
    }


def _said(entry: "Entry") -> dict[str, Any]:
    from lowtide.record.entries.words import label, summary

    return {
        "id": entry.id,
        "kind": entry.kind,
        "at": entry.at,
        "label": label(entry),
        "text": summary(entry),
        "by": entry.by,
        "source": entry.source,
        "origin": entry.origin,
        "body": entry.body,
    }


def _lines(document: dict[str, Any]) -> list[str]:
    who = document["patient"]
    lines = [
        f"{who['name']}, born {who.get('birth_date') or 'not known'}, {who.get('sex', '')}",
        f"chart {who['id']}",
    ]
    kinds: dict[str, list[str]] = {}
    for said in document["entries"]:
        kinds.setdefault(said["label"], []).append(f"  {said['at']:%Y-%m-%d}  {said['text']}")
    for label, texts in sorted(kinds.items()):
        lines += ["", label, *texts]
    if document["narrow"]:
        lines += ["", f"For some roles only, read on the clinic’s own pages: {document['narrow']}"]
    if document["kept"]:
        lines += [
            "",
            f"Kept from elsewhere, not wholly understood: {len(document['kept'])} of {document['resources']}",
        ]
        lines += [f"  {k['type']}/{k['resource_id']}: {k['why']}" for k in document["kept"]]
    return lines
