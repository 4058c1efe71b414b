"""A small clinic with everything that a record can hold, in the database that is set up. It prints where each stream
stands. `store_release` runs it.

    .venv/bin/python -m tests.faults.stored_clinic
"""

import json

from lowtide.site.setup import ready

ready()

from django.db import connection  # noqa: E402

from lowtide.exchange.imports import import_files  # noqa: E402
from lowtide.people.models import User  # noqa: E402
from lowtide.record import access_log, rows, store  # noqa: E402
from lowtide.record.entries.base import Draft  # noqa: E402
from lowtide.record.entries.chair import Note  # noqa: E402
from lowtide.record.redaction import redact  # noqa: E402
from lowtide.site.demo.care import Care  # noqa: E402
from lowtide.virtual.people import Stage  # noqa: E402
from tests.clinics import make  # noqa: E402
from tests.exchange.making import bundle, file, patient, weight  # noqa: E402

STAGES = (Stage.READY, Stage.PLANNED, Stage.INDUCTION, Stage.TODAY, Stage.ENDED)


def main() -> None:
    first, *_ = make(STAGES)
    _write_over(first)
    import_files([file(bundle(patient(), weight(70, "kg")))])
    User.objects.create_user("nurse", password="a long enough phrase")
    access_log.log(first.nurse.by, "looked", stream=first.stream)
    print(json.dumps({name: [head.seq, head.hash] for name, head in rows.all_heads().items()}))
    if connection.vendor == "sqlite":
        _into_one_file()


def _write_over(care: Care) -> None:
    """A correction, and a redaction."""
    told = {"stream": care.stream, "by": care.prescriber.by, "at": care.events[-1][0]}
    note, secret = store.append([Draft(body=Note(text=text), **told) for text in ("calm", "to be removed")])
    store.append([Draft(body=Note(text="sad"), reason="misheard", **told).correcting(note)])
    about = {"second_person": care.nurse.by, "legal_basis": "GDPR article 17", "reason": "another patient's"}
    redact(secret.id, by=care.prescriber.by, **about)


def _into_one_file() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode=DELETE")
        cursor.execute("VACUUM")


if __name__ == "__main__":
    main()
