"""What a monitor was answered is not lost: it lies on disk until its minute is in the flowsheet."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.exchange.devices.live import Live
from lowtide.exchange.devices.sending import Line
from lowtide.exchange.devices.spool import Spool
from lowtide.exchange.devices.taking import Taker
from lowtide.exchange.hl7v2 import made
from lowtide.record import store
from lowtide.record.entries.base import Source
from lowtide.record.entries.chair import Vitals
from tests.exchange.test_device_taking import Bed, know, put_on
from tests.faults.people import clinic
from tests.faults.server import Server, eventually
from tests.pathway.session.conftest import Care, register

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "devices")


def lying(spool: Spool) -> list[bytes]:
    """What a server that starts now finds, once the one before is gone."""
    spool.close()
    again = Spool(spool.folder)
    found = [message for _, message in again.kept()]
    again.close()
    return found


messages = st.lists(st.binary(max_size=300), max_size=12)


@settings(max_examples=25, deadline=None)
@given(batches=st.lists(messages, max_size=6), apart_s=st.integers(0, 90))
def test_what_was_kept_is_found_in_order(
    batches: list[list[bytes]], apart_s: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"))
    for number, batch in enumerate(batches):
        spool.keep(batch, NOON + timedelta(seconds=number * apart_s))
    assert lying(spool) == [message for batch in batches for message in batch]


@settings(max_examples=25, deadline=None)
@given(whole=st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=5), cut=st.integers(0, 400))
def test_a_message_that_a_kill_cut_in_two_is_left_out_and_those_before_it_are_whole(
    whole: list[bytes], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"))
    spool.keep(whole, NOON)
    spool.close()
    (file,) = spool.folder.iterdir()
    file.write_bytes(file.read_bytes()[:cut])
    found = lying(spool)
    assert found == whole[: len(found)]


def test_what_is_charted_is_dropped_and_what_waits_is_not(spool: Spool) -> None:
    for second in (0, 61, 122):
        spool.keep([str(second).encode()], NOON + timedelta(seconds=second))
    spool.forget(NOON + timedelta(seconds=61))
    assert lying(spool) == [b"61", b"122"]


def test_nothing_lies_there_once_nothing_waits(spool: Spool) -> None:
    spool.keep([b"one"], NOON)
    spool.forget(None)
    assert list(spool.folder.iterdir()) == []


def test_a_running_servers_messages_are_not_taken_by_another(spool: Spool) -> None:
    spool.keep([b"one"], NOON)
    assert list(Spool(spool.folder).kept()) == []


@pytest.fixture
def care(db: None) -> Care:
    clinic()
    return attended()


def attended() -> Care:
    care = register()
    care.prepare()
    care.begin()
    know("M1")
    put_on(care, "M1")
    return care


@pytest.mark.hazard("H017")
def test_a_minute_that_was_half_gathered_is_charted_whole_after_a_restart(care: Care, spool: Spool) -> None:
    bed = Bed(care)
    bed.taker = Taker(bed.live, lambda: bed.now, spool)
    for second, saturation in enumerate((97, 91)):
        assert b"MSA|AA" in (bed.taker.take(bed.says(6 + second / 60, spo2_pct=saturation)) or b"")
    spool.close()
    bed.taker = Taker(Live(), lambda: bed.now, Spool(spool.folder))
    assert bed.taker.resume() == 2
    bed.taker.take(bed.says(6.5, spo2_pct=98))
    bed.later()
    (seen,) = (body for _, body in bed.charted() if body.spo2_pct)
    assert (seen.spo2_pct, [int(x) for x in seen.extremes["spo2_pct"]]) == (97, [91, 98])


@pytest.mark.hazard("H008")
def test_what_was_charted_before_the_kill_is_not_charted_again(care: Care, spool: Spool) -> None:
    bed = Bed(care)
    bed.taker = Taker(bed.live, lambda: bed.now, spool)
    bed.taker.take(bed.says(6))
    lies = {file: file.read_bytes() for file in spool.folder.iterdir()}
    bed.later()
    assert list(spool.folder.iterdir()) == []
    for file, data in lies.items():
        file.write_bytes(data)
    bed.taker = Taker(Live(), lambda: bed.now, Spool(spool.folder))
    assert bed.taker.resume() == 1
    bed.later()
    assert len(bed.charted()) == 2


@pytest.mark.hazard("H017")
def test_what_cannot_be_kept_on_disk_is_not_answered_and_taken_when_it_comes_again(
    care: Care, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    bed = Bed(care)
    bed.taker = Taker(bed.live, lambda: bed.now, Spool(tmp_path / "file" / "devices"))
    message = bed.says(6)
    assert bed.taker.take(message) is None
    bed.taker.spool = Spool(tmp_path / "devices")
    assert b"MSA|AA" in (bed.taker.take(message) or b"")
    assert lying(bed.taker.spool) == [message]


@pytest.mark.hazard("H018")
def test_a_minute_begun_on_one_person_is_not_charted_on_the_next(care: Care) -> None:
    from lowtide.pathway.session.actions import devices

    other = register(care.start, "Otherperson")
    other.book(chair="4")
    other.weigh()
    other.order()
    other.measure(-8)
    other.time_out(-5, chair="4")
    other.check()
    other.begin()
    bed = Bed(care)
    bed.taker.take(bed.says(6, spo2_pct=91))
    devices.part(care.act(6.2), device="M1")
    put_on(other, "M1", 6.3)
    bed.taker.take(bed.says(6.5, spo2_pct=98))
    bed.later()
    on_the_next = [
        b.spo2_pct for e, b in other.chart.said(Vitals) if e.source is Source.DEVICE and b.spo2_pct
    ]
    on_the_first = [b.spo2_pct for _, b in bed.charted() if b.spo2_pct]
    assert (on_the_first, on_the_next) == ([91], [98])


def test_a_full_house_is_charted_over_some_seconds_and_a_cuff_pressure_at_once(care: Care) -> None:
    bed = Bed(care)
    for minute in range(6, 14):
        bed.taker.take(bed.says(minute, sbp_mmhg=120 + minute))
    bed.minute += 2
    bed.taker.tick(paced=True)
    assert [b.sbp_mmhg for _, b in bed.charted() if b.sbp_mmhg] == [120 + minute for minute in range(6, 14)]
    assert len([b for _, b in bed.charted() if b.spo2_pct]) < 8
    for _ in range(4):
        bed.taker.tick(paced=True)
    assert len([b for _, b in bed.charted() if b.spo2_pct]) == 8


# -- a real server, killed --------------------------------------------------------------------------------------------


@pytest.fixture
def killed(own_database: None, tmp_path: Path) -> Iterator[list[Server]]:
    servers: list[Server] = []
    yield servers
    for server in servers:
        server.end()


@pytest.mark.sqlite
@pytest.mark.hazard("H017")
def test_every_message_that_a_killed_server_answered_is_in_the_flowsheet(
    killed: list[Server], tmp_path: Path
) -> None:
    clinic()
    killed.append(Server(tmp_path / "home", "--devices-port", "0"))
    care = register(datetime.now(UTC) - timedelta(minutes=8))
    care.prepare()
    care.begin()
    know("M1")
    put_on(care, "M1")
    with Line("127.0.0.1", killed[-1].devices_port) as line:
        assert b"MSA|AA" in (line.send(of_the_last_minute({"sbp_mmhg": 131, "spo2_pct": 96})) or b"")
        killed[-1].process.send_signal(signal.SIGKILL)
    killed[-1].process.wait()
    killed.append(Server(tmp_path / "home", "--devices-port", "0"))
    with Line("127.0.0.1", killed[-1].devices_port) as line:
        now = datetime.now(UTC)
        assert b"MSA|AA" in (line.send(made.monitor("M1", "2", now, {"spo2_pct": 97}, now)) or b"")
    assert eventually(lambda: {(131, None), (None, 96)} <= said_by_monitor(care), within_s=15)


def of_the_last_minute(values: dict[str, object]) -> bytes:
    """A message of now with values of the minute before, which is over in a moment."""
    now = datetime.now(UTC)
    old = now.replace(second=0, microsecond=0) - timedelta(seconds=30)
    message, told = made.monitor("M1", "1", now, values, old), f"{now:%Y%m%d%H%M%S%z}\rOBX|1|"
    assert told.encode() in message
    return message.replace(told.encode(), told.replace(told[:19], f"{old:%Y%m%d%H%M%S%z}").encode())


def said_by_monitor(care: Care) -> set[tuple[int | None, int | None]]:
    store.forget()
    return {(b.sbp_mmhg, b.spo2_pct) for e, b in care.chart.said(Vitals) if e.source is Source.DEVICE}
