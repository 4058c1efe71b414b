"""Calendars as RFC 5545 text, read back by an independent little reader: folding, escaping, zones, laws for any text."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowtide.pathway.maintenance.feeds.ics import Event, calendar, changes, fold, text

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
AT = datetime(2026, 10, 23, 8, 30, tzinfo=UTC)


def event(at: datetime = AT, **more: object) -> Event:
    fields = {"uid": "1@lowtide", "summary": "Appointment", "stamp": AT, "ends_at": at + timedelta(hours=3)}
    return Event(starts_at=at, **(fields | more))  # type: ignore[arg-type]


def unfolded(said: str) -> list[str]:
    """Section 3.1: a CR LF followed by a blank is taken out."""
    assert said.endswith("\r\n")
    return re.sub(r"\r\n[ \t]", "", said).split("\r\n")[:-1]


def unescaped(value: str) -> str:
    """Section 3.3.11."""
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)


def value(said: str, name: str) -> str:
    return next(line.partition(":")[2] for line in unfolded(said) if re.match(rf"{name}[;:]", line))


@given(st.text())
def test_no_line_passes_75_octets_and_folding_loses_nothing(line: str) -> None:
    one = line.replace("\r", "").replace("\n", "").encode("utf-8", "ignore").decode()
    folded = fold(one)
    assert all(len(piece.encode()) <= 75 for piece in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == one


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_any_text_comes_back_as_it_was_said(words: str) -> None:
    assert unescaped(value(calendar("x", [event(summary=words)], BERLIN), "SUMMARY")) == words


@given(st.text())
def test_text_can_never_begin_a_line_of_its_own(words: str) -> None:
    cleaned = words.encode("utf-8", "ignore").decode()
    said = calendar("x", [event(summary=cleaned, description=f"a\nEND:VEVENT\r\n{cleaned}")], BERLIN)
    assert sum(line == "END:VEVENT" for line in unfolded(said)) == 1
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", said)


def test_a_reserved_character_is_escaped_once() -> None:
    assert text("a,b;c\\d\ne") == "a\\,b\\;c\\\\d\\ne"


def test_an_event_has_what_the_standard_asks_for() -> None:
    said = calendar("Chairs", [event(sequence=2)], BERLIN)
    assert unfolded(said)[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lowtide//Calendar//EN"]
    assert value(said, "DTSTAMP") == "20261023T083000Z"
    assert value(said, "SEQUENCE") == "2"
    assert "DTSTART;TZID=Europe/Berlin:20261023T103000" in unfolded(said)


def observances(said: str) -> list[tuple[str, timedelta]]:
    """(DTSTART in UTC, offset from then on), as a reader that trusts the calendar alone would take them."""
    zone = said.partition("BEGIN:VTIMEZONE")[2].partition("END:VTIMEZONE")[0]
    found = []
    for block in re.findall(r"BEGIN:(?:STANDARD|DAYLIGHT)(.*?)END:", zone, re.S):
        start = datetime.strptime(re.search(r"DTSTART:(\S+)", block)[1], "%Y%m%dT%H%M%S")  # type: ignore[index]  # noqa: DTZ007
        before, after = (
            re.search(rf"{name}:([+-]\d{{4}})", block)[1] for name in ("TZOFFSETFROM", "TZOFFSETTO")
        )  # type: ignore[index]
        offset = timedelta(hours=int(after[:3]), minutes=int(after[0] + after[3:]))
        shift = timedelta(hours=int(before[:3]), minutes=int(before[0] + before[3:]))
        found.append((f"{start - shift:%Y%m%dT%H%M%S}", offset))
    return sorted(found)


@pytest.mark.hazard("H024")
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_the_zones_written_out_give_every_instant_back_across_a_change_of_the_clocks(zone: str) -> None:
    here = ZoneInfo(zone)
    events = [event(AT + timedelta(days=n, hours=n), uid=f"{n}@lowtide") for n in range(0, 260, 13)]
    said = calendar("x", events, here)
    starts = re.findall(rf"DTSTART;TZID={zone}:(\S+)", said)
    for one, local in zip(sorted(events, key=lambda e: e.starts_at), starts, strict=True):
        at = f"{one.starts_at:%Y%m%dT%H%M%S}"
        offset = [o for begins, o in observances(said) if begins <= at][-1]
        told = datetime.strptime(local, "%Y%m%dT%H%M%S").replace(tzinfo=timezone(offset))
        assert told == one.starts_at


def test_the_changes_of_a_year_are_the_two_of_the_zone() -> None:
    year = list(changes(BERLIN, datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)))
    assert year == [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]


def test_a_calendar_without_events_and_one_in_utc_name_no_zone() -> None:
    assert "VTIMEZONE" not in calendar("x", [], BERLIN)
    assert "VTIMEZONE" not in calendar("x", [event()], UTC_ZONE)
    assert "20261023T083000Z" in calendar("x", [event()], UTC_ZONE)


def test_an_alarm_stands_within_its_event_so_many_hours_before_it() -> None:
    lines = unfolded(calendar("Mine", [event(alarm_before=timedelta(hours=24), alarm="Tomorrow")], BERLIN))
    start, end = lines.index("BEGIN:VALARM"), lines.index("END:VALARM")
    assert lines[start + 1 : end] == ["ACTION:DISPLAY", "TRIGGER:-PT24H", "DESCRIPTION:Tomorrow"]
    assert lines.index("BEGIN:VEVENT") < start < end < lines.index("END:VEVENT")


def test_an_event_without_an_alarm_has_none() -> None:
    assert "VALARM" not in calendar("Mine", [event()], BERLIN)
