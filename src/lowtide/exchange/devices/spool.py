"""Device messages that were answered and are not charted yet, on disk: a server that is killed loses none of them.

A monitor's values are charted by the minute, so an answered message waits for up to a minute and some seconds. Until then
it lies here, synced before the answer goes out, and is read again when the listener starts. The files hold what came, as
it came; they can be read by the server's user alone and are deleted as soon as what they hold is in the record.
"""

import fcntl
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from uuid import uuid4

import msgspec

_HEAD = struct.Struct(">dII")  # when it was received (s), its length, its check sum
SEGMENT = timedelta(seconds=60)
Received = tuple[datetime, bytes]


class _Segment(msgspec.Struct):
    """One file of messages and the instants between which they were received. The open file holds its lock."""

    path: Path
    file: FileIO
    first: datetime
    last: datetime

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.file.close()


class Spool:
    """Files of a minute each in a folder. Several servers may share the folder: each reads what no other one holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._segments: list[_Segment] = []
        self._open: _Segment | None = None

    def keep(self, messages: Iterable[bytes], at: datetime) -> None:
        """Write the messages and wait until they are on disk. Raises OSError."""
        seconds = at.timestamp()
        data = b"".join(_HEAD.pack(seconds, len(m), zlib.crc32(m)) + m for m in messages)
        if data:
            segment = self._current(at)
            _write_whole(segment.file, data)
            os.fsync(segment.file.fileno())
            segment.last = max(segment.last, at)

    def kept(self) -> Iterator[Received]:
        """What lies there from before, in the order in which it was received; those files are this server's from now on."""
        for path in sorted(self.folder.glob("*.hl7s")) if self.folder.exists() else ():
            file = FileIO(path, "r+")
            if not _locked(file) or not path.exists():  # another server's, or charted and dropped since
                file.close()
                continue
            found = list(_messages(file.readall()))
            yield from found
            ends = (found[0][0], found[-1][0]) if found else (datetime.min.replace(tzinfo=UTC),) * 2
            self._segments.append(_Segment(path, file, *ends))

    def forget(self, before: datetime | None) -> None:
        """Everything received before is in the record; None when nothing waits any more."""
        for segment in [s for s in self._segments if before is None or s.last < before]:
            self._segments.remove(segment)
            if segment is self._open:
                self._open = None
            segment.drop()

    def close(self) -> None:
        """Let go of the files; what they hold waits for the next start."""
        for segment in self._segments:
            segment.file.close()
        self._segments, self._open = [], None

    def _current(self, at: datetime) -> _Segment:
        if self._open is None or at - self._open.first >= SEGMENT:
            self._open = self._begin(at)
            self._segments.append(self._open)
        return self._open

    def _begin(self, at: datetime) -> _Segment:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{round(at.timestamp() * 1000):015d}-{uuid4().hex[:8]}.hl7s"
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), "r+")
        _locked(file)
        _sync_folder(self.folder)
        return _Segment(path, file, at, at)


def _write_whole(file: FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _messages(data: bytes) -> Iterator[Received]:
    """The messages of a file, up to the one that a kill cut in two: that one was never answered."""
    place = 0
    while place + _HEAD.size <= len(data):
        seconds, length, check = _HEAD.unpack_from(data, place)
        message = data[place + _HEAD.size : place + _HEAD.size + length]
        if len(message) < length or zlib.crc32(message) != check:
            return
        yield datetime.fromtimestamp(seconds, UTC), message
        place += _HEAD.size + length


def _locked(file: FileIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
