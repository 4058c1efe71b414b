"""A backup: one zip of open files (JSON Lines, one a table, and a manifest) that either engine can restore.

It is written from one consistent view of the database while the clinic works, and carries what is not derived:
entries, access log, sign-ins. Derived tables are made anew by the restore; web sessions end with it. The manifest
holds a hash of every file, the head of every stream and the migrations the tables stand at.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from lowtide.problems import bad, refuse
from lowtide.record import projections, rows
from lowtide.record.snapshot import snapshot
from lowtide.site import standing
from lowtide.site.home import home
from lowtide.site.version import lowtide_version

FORMAT = 1
MANIFEST = "manifest.json"
LEFT_OUT = {"sessions.session", "record.projectionversion"}
IN_ORDER = {"record.storedentry": ("stream", "seq")}
AT_ONCE = 2000
_encode = msgspec.json.Encoder(decimal_format="string").encode


class Table(msgspec.Struct, frozen=True):
    """One file: the columns of its rows, how many, and the SHA-256 of its bytes."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


class Head(msgspec.Struct, frozen=True):
    seq: int
    hash: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds and from when it is."""

    format: int
    lowtide: str
    made_at: datetime
    engine: str
    demo: bool
    migrations: list[tuple[str, str]]
    tables: dict[str, Table]
    streams: dict[str, Head]

    @property
    def entries(self) -> int:
        return sum(head.seq for head in self.streams.values())


class LastBackup(msgspec.Struct, frozen=True):
    at: datetime
    file: str
    entries: int


def back_up(file: Path) -> Manifest:
    """Write the whole database to `file`, which must not exist; it appears only once it is complete and synced."""
    if file.exists():
        raise refuse("this file exists already", str(file), "Name a new one: a backup replaces nothing.")
    check_folder(file)
    part = file.with_name(f".{file.name}.part")
    try:
        with open_private(part) as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive, snapshot():
                manifest = _write(archive)
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    _last().write_bytes(_encode(LastBackup(manifest.made_at, str(file.resolve()), manifest.entries)))
    return manifest


def last_backup() -> LastBackup | None:
    """The last backup that was made of this home."""
    return msgspec.json.decode(_last().read_bytes(), type=LastBackup) if _last().exists() else None


def models() -> list[type[Model]]:
    """Every table that a backup carries, as it is now: an upgrade that has not come yet is not needed for one."""
    derived = {p.model._meta.label_lower for p in projections.REGISTERED.values()}
    found = standing.registry().get_models(include_auto_created=True)
    return [m for m in found if m._meta.label_lower not in derived | LEFT_OUT and m._meta.managed]


def _write(archive: zipfile.ZipFile) -> Manifest:
    tables = {model._meta.label_lower: _table(archive, model) for model in models()}
    manifest = Manifest(
        format=FORMAT,
        lowtide=lowtide_version(),
        made_at=datetime.now(UTC),
        engine=connection.vendor,
        demo=settings.DEMO,
        migrations=sorted(MigrationRecorder(connection).applied_migrations()),
        tables=tables,
        streams={name: Head(head.seq, head.hash) for name, head in rows.all_heads().items()},
    )
    archive.writestr(MANIFEST, msgspec.json.format(_encode(manifest), indent=1))
    return manifest


def _table(archive: zipfile.ZipFile, model: type[Model]) -> Table:
    columns = tuple(f.attname for f in model._meta.concrete_fields)
    digest, count = hashlib.sha256(), 0
    with archive.open(member(model._meta.label_lower), "w", force_zip64=True) as out:
        for line in _lines(model, columns):
            out.write(line)
            digest.update(line)
            count += 1
    return Table(columns, count, digest.hexdigest())


def _lines(model: type[Model], columns: tuple[str, ...]) -> Iterator[bytes]:
    order = IN_ORDER.get(model._meta.label_lower, ("pk",))
    for row in model._base_manager.order_by(*order).values_list(*columns).iterator(AT_ONCE):
        yield _encode(row) + b"\n"


def member(label: str) -> str:
    """The name of a table's file."""
    return f"tables/{label}.jsonl"


def check_folder(out: Path) -> None:
    """Raise BadInput, naming it, when the folder that `out` is to be written in is not there or not ours to write in."""
    folder = out.resolve().parent
    if not folder.is_dir():
        raise bad("there is no such folder", str(folder), "Make it first, then run this again.")
    if not os.access(folder, os.W_OK):
        raise bad(
            "nothing may be written in this folder", str(folder), "Name another, or change whose it is."
        )


def _last() -> Path:
    return home() / "last-backup.json"


def open_private(path: Path) -> BinaryIO:
    """A new file that only its owner may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
