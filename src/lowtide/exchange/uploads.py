"""Files that wait between the preview of an import and its confirmation.

They lie in a folder of the clinic's home that only the server's user can read, under a name nobody can guess, and are
handed out only to the person who sent them. They are deleted when the import is done or left, or when their time is up.
"""

import re
import secrets
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.conf import settings

from lowtide.data.imports import imports
from lowtide.exchange.fhir.reader import File
from lowtide.exchange.report import ImportReport
from lowtide.problems import refuse

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_META, _RESULT = "held.json", "result.json"


class Held(msgspec.Struct, frozen=True):
    """Whose files they are, when they came, and the source that was named for them."""

    by: str
    at: datetime
    names: tuple[str, ...]
    source: str | None = None


def hold(files: Sequence[File], source: str | None, by: str, now: datetime) -> str:
    """Keep the files until somebody confirms; answers the name under which they are kept."""
    sweep(now)
    token = secrets.token_urlsafe(32)
    folder = settings.UPLOADS / token
    folder.mkdir(mode=0o700, parents=True)
    for number, file in enumerate(files):
        _write(folder / f"{number}.bin", file.data)
    _write(folder / _META, msgspec.json.encode(Held(by, now, tuple(f.name for f in files), source)))
    return token


def held(token: str, by: str, now: datetime) -> tuple[Held, list[File]]:
    """The files kept under this name. Raises Refused when they are gone, or somebody else's."""
    folder, meta = _open(token, by, now)
    paths = [folder / f"{number}.bin" for number in range(len(meta.names))]
    if not all(path.exists() for path in paths):
        raise _gone()
    return meta, [File(name, path.read_bytes()) for name, path in zip(meta.names, paths, strict=True)]


def finish(token: str, result: ImportReport) -> None:
    """Delete the files and keep what came of them, for the page that says so. The first answer stands."""
    folder = settings.UPLOADS / token
    if folder.is_dir() and not (folder / _RESULT).exists():
        _write(folder / _RESULT, msgspec.json.encode(result))
    for path in folder.glob("*.bin"):
        path.unlink(missing_ok=True)


def result(token: str, by: str, now: datetime) -> tuple[Held, ImportReport] | None:
    """What came of files that were kept under this name; None while nobody confirmed."""
    folder, meta = _open(token, by, now)
    path = folder / _RESULT
    return (meta, msgspec.json.decode(path.read_bytes(), type=ImportReport)) if path.exists() else None


def drop(token: str, by: str, now: datetime) -> None:
    """Delete what was kept: nobody wants it."""
    folder, _ = _open(token, by, now)
    shutil.rmtree(folder, ignore_errors=True)


def sweep(now: datetime) -> None:
    """Delete whatever has waited too long."""
    for folder in settings.UPLOADS.glob("*/"):
        meta = _meta(folder)
        if meta is None or meta.at + timedelta(minutes=imports().hold_minutes) < now:
            shutil.rmtree(folder, ignore_errors=True)


def _open(token: str, by: str, now: datetime) -> tuple[Path, Held]:
    sweep(now)
    folder: Path = settings.UPLOADS / token
    meta = _meta(folder) if _TOKEN.fullmatch(token) else None
    if meta is None or meta.by != by:
        raise _gone()
    return folder, meta


def _meta(folder: Path) -> Held | None:
    try:
        return msgspec.json.decode((folder / _META).read_bytes(), type=Held)
    except (OSError, msgspec.DecodeError):
        return None


def _gone() -> Exception:
    minutes = imports().hold_minutes
    return refuse(
        f"these files are not here any more; they wait {minutes} minutes", "files", "Choose them again."
    )


def _write(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
