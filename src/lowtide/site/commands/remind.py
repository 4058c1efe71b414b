"""Remind patients by mail: of a visit tomorrow, and of questions that wait for their answers.

lowtide remind --dry-run
lowtide remind --json

The server does it by itself while it runs; nobody is reminded twice by both. --dry-run sends nothing and lists whom a mail would go to
now. It needs LOWTIDE_MAIL_URL and LOWTIDE_ADDRESS. At night nothing is sent.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from lowtide.problems import BadInput
from lowtide.site.answers import add_json, answer
from lowtide.site.setup import ready

if TYPE_CHECKING:
    from lowtide.portal.reminders.sending import Done

BY = "system:command-line"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="send nothing, list whom a mail would go to")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    ready()
    from lowtide.portal.reminders import sending
    from lowtide.record import access_log

    lacks = sending.missing()
    if lacks and not args.dry_run:
        raise BadInput(lacks)
    access_log.log(BY, "lowtide remind")
    done = sending.remind(lambda: datetime.now(UTC), dry=args.dry_run)
    document = {
        "dry_run": args.dry_run,
        "lacks": str(lacks) if lacks else None,
        "reminders": msgspec.to_builtins(done),
    }
    return answer(document, _lines(done, str(lacks) if lacks else ""), as_json=args.json)


def _lines(done: "list[Done]", lacks: str) -> Iterator[str]:
    from lowtide.people.models import PatientIndex

    names = {p.patient_id: f"{p.given} {p.family}".strip() for p in PatientIndex.objects.all()}
    if lacks:
        yield f"Nothing can be sent yet: {lacks}"
    for one in done:
        what = " and ".join(one.about)
        yield f"{one.how}: {names.get(one.patient, one.patient)}, {what}{f' ({one.said})' if one.said else ''}"
    if not done:
        yield "Nobody is to be reminded now."
