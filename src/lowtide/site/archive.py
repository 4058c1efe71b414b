"""Reading a backup: is it whole, and its rows as models of the version it was made by."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import CharField, Field, IntegerField, Model, TextField

from lowtide.problems import Refused, refuse
from lowtide.record import rows
from lowtide.site.backup import AT_ONCE, FORMAT, MANIFEST, Manifest, Table, member
from lowtide.site.standing import last_of_each_app
from lowtide.site.version import lowtide_version

_row = msgspec.json.Decoder(list[Any]).decode


def check(file: Path) -> Manifest:
    """Read the file through and compare every hash with the manifest. Raises Refused when anything differs."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            for label, table in manifest.tables.items():
                if _digest(archive, label) != table.sha256:
                    raise _damaged(file, f"table {label} is not what was written")
    except (FileNotFoundError, PermissionError, Refused):
        raise
    except Exception as error:  # a damaged zip fails in as many ways as there are bytes in it
        raise _damaged(file, str(error) or type(error).__name__) from error
    if manifest.format != FORMAT:
        raise refuse(f"its format is {manifest.format}, this Lowtide reads {FORMAT}", str(file), _NEWER)
    return manifest


def load(file: Path, manifest: Manifest) -> None:
    """Make the tables as they were when the backup was written, and fill them, in one transaction."""
    executor = MigrationExecutor(connection)
    targets = last_of_each_app(executor, set(manifest.migrations))
    if targets is None:
        raise refuse(
            f"it was made by Lowtide {manifest.lowtide}, this is {lowtide_version()}", str(file), _NEWER
        )
    executor.migrate(targets)
    models = executor.loader.project_state(targets).apps
    with zipfile.ZipFile(file) as archive, transaction.atomic():
        for label, table in manifest.tables.items():
            _fill(models.get_model(label), archive, label, table)
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), models.get_models()):
                cursor.execute(sql)
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _fill(model: type[Model], archive: zipfile.ZipFile, label: str, table: Table) -> None:
    fields = {f.attname: f for f in model._meta.concrete_fields}
    converters = [_converter(fields[name]) for name in table.columns]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(fields[name].column)) for name in table.columns)
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({rows.marks(converters)})"
    with archive.open(member(label)) as lines, connection.cursor() as cursor:
        for part in _parts(iter(lines)):
            values = ([c(v) for c, v in zip(converters, _row(line), strict=True)] for line in part)
            cursor.executemany(sql, list(values))


def _converter(field: "Field[Any, Any]") -> Callable[[Any], Any]:
    """From JSON to what the engine stores. Texts and whole numbers are the same in both."""
    if isinstance(field, TextField | CharField | IntegerField):
        return lambda value: value
    return lambda value: field.get_db_prep_save(field.to_python(value), connection)


def _parts(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while part := list(islice(lines, AT_ONCE)):
        yield part


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    return msgspec.json.decode(archive.read(MANIFEST), type=Manifest)


def _digest(archive: zipfile.ZipFile, label: str) -> str:
    digest = hashlib.sha256()
    with archive.open(member(label)) as lines:
        while part := lines.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


_NEWER = "Install the version that made it, or a newer one."


def _damaged(file: Path, why: str) -> Refused:
    return refuse(f"this is no whole backup ({why})", str(file), "Use another copy; nothing was changed.")
