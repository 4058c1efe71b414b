"""Every kind of entry ever released can still be read, from bodies stored when it was."""

import hashlib
from pathlib import Path

import pytest

from lowtide.record.entries.base import Unreadable
from lowtide.record.entries.kinds import KINDS, from_bytes, to_bytes
from tests.record.write_golden import FOLDER, table

BODIES = sorted(FOLDER.glob("*.json"))


def test_every_kind_has_a_golden_body() -> None:
    absent = set(KINDS) - {path.stem for path in BODIES}
    assert not absent, "run python -m tests.record.write_golden"


def test_no_golden_body_was_edited_or_removed() -> None:
    assert {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in BODIES} == table()


@pytest.mark.parametrize("path", BODIES, ids=lambda p: p.stem)
def test_a_stored_body_is_read_and_keeps_its_meaning(path: Path) -> None:
    body, reason = from_bytes(path.read_bytes())
    assert not isinstance(body, Unreadable)
    assert body.kind_tag() in KINDS
    assert body.kind_name() == path.stem.rpartition(".")[0]
    assert from_bytes(to_bytes(body, reason)) == (body, "a reason")


def test_a_kind_of_a_newer_version_is_kept_as_it_is() -> None:
    body, reason = from_bytes(b'{"body":{"kind":"hologram.3","depth":4},"reason":"seen"}')
    assert body == Unreadable("hologram.3", b'{"kind":"hologram.3","depth":4}')
    assert reason == "seen"
