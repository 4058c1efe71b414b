"""Restoring: into a database of its own first, proven by verify, and only then in the place of the old one.

The old database is kept aside: beside the file on SQLite, as a schema of another name on PostgreSQL.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from lowtide.problems import refuse
from lowtide.record import guards, redaction, rows, store, verify
from lowtide.site import archive, redactions
from lowtide.site.backup import Manifest
from lowtide.site.home import home
from lowtide.site.lock import alone
from lowtide.site.words import report_in_words


class Restored(msgspec.Struct, frozen=True):
    """What came of it: the proof, what was redacted again, and where the old database is kept."""

    made_at: datetime
    report: verify.Report
    redacted_again: int
    kept_as: str | None


def restore(file: Path, *, replace: bool) -> Restored:
    """Put the backup in the place of this home's database.

    Raises Refused, with everything as it was, when the file is damaged or from a newer version, when there is
    already a record here and `replace` is not given, when a server runs, or when the copy does not verify.
    """
    manifest = archive.check(file)
    with alone("server"):
        full = _holds_something()
        if full and not replace:
            raise refuse(
                "there is a record here already", _place(), "Use an empty home, or --replace to set it aside."
            )
        if settings.DEMO and not manifest.demo:
            raise refuse(
                "this home is a demonstration", str(home()), "Restore a real clinic into a home of its own."
            )
        known = redactions.keep_up() if full else redactions.listed()
        done = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
        restored = done(lambda: _bring_in(file, manifest, known), full)
        if manifest.demo:
            (home() / "demonstration").touch()
        redactions.keep_up()
        return msgspec.structs.replace(restored, made_at=manifest.made_at)


def _bring_in(file: Path, manifest: Manifest, known: list[redaction.Known]) -> Restored:
    """Fill the empty database that is connected, bring it to this version, redact again, and prove it."""
    store.forget()
    archive.load(file, manifest)
    call_command("migrate", verbosity=0, interactive=False)
    guards.install(connection)
    heads = {name: (h.seq, h.hash) for name, h in rows.all_heads().items()}
    if heads != {name: (h.seq, h.hash) for name, h in manifest.streams.items()}:
        raise refuse("its streams do not end where it says", str(file), "Use another copy.")
    verify.rebuild()
    again = redaction.redo(known)
    report = verify.verify()
    store.forget()
    if not report.ok:
        raise refuse(report_in_words(report), str(file), "Use another copy; nothing was changed.")
    return Restored(manifest.made_at, report, len(again), None)


def _on_sqlite(bring_in: Callable[[], Restored], full: bool) -> Restored:
    """Build it in a file beside the database, then exchange the two."""
    place = Path(connection.settings_dict["NAME"])
    fresh = place.with_name("restoring.sqlite3")
    _remove(fresh)
    _connect_to(fresh)
    try:
        restored = bring_in()
        redaction.scrub()
    except BaseException:
        _connect_to(place)
        _remove(fresh)
        raise
    _connect_to(place)
    kept = place.with_name(f"{place.stem}.before-restore-{_now()}{place.suffix}") if full else None
    if place.exists():
        redaction.scrub()  # moves what is still in the write-ahead log into the file that is kept
        connection.close()
        place.replace(kept) if kept else _remove(place)
    fresh.rename(place)
    return msgspec.structs.replace(restored, kept_as=str(kept) if kept else None)


def _on_postgresql(bring_in: Callable[[], Restored], full: bool) -> Restored:
    """Build it in a new schema, in one transaction that also sets the old one aside."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if cursor.fetchone()[0]:
                raise refuse("others are connected to the database", _place(), "Stop the server first.")
            cursor.execute("SELECT current_schema()")
            (schema,) = cursor.fetchone()
            kept = f"before_restore_{_now()}"
            cursor.execute(f'ALTER SCHEMA "{schema}" RENAME TO "{kept}"')
            cursor.execute(f'CREATE SCHEMA "{schema}"')
        restored = bring_in()
        if not full:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA "{kept}" CASCADE')
    return msgspec.structs.replace(restored, kept_as=f"schema {kept}" if full else None)


def _holds_something() -> bool:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    tables = connection.introspection.table_names()
    return "record_stream" in tables and bool(rows.streams())


def _place() -> str:
    return str(connection.settings_dict["NAME"])


def _connect_to(file: Path) -> None:
    connection.close()
    connection.settings_dict["NAME"] = str(file)


def _remove(file: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _now() -> str:
    return re.sub(r"\D", "", datetime.now(UTC).isoformat(timespec="milliseconds"))[:17]
