"""Addresses of the session step."""

from django.urls import include, path

from lowtide.pathway.session.views import (
    board,
    booking,
    chairside,
    closing,
    entry,
    giving,
    paper,
    prepare,
    pump,
    reminders,
    second_person,
    series,
    steps,
)

app_name = "session"

of_one_session = [
    path("live", chairside.live, name="live"),
    path("flowsheet", paper.flowsheet, name="flowsheet"),
    path("book", booking.book, name="book"),
    path("cancel", booking.cancel, name="cancel"),
    path("time-out", prepare.time_out, name="time_out"),
    path("check", second_person.check, name="check"),
    path("start", pump.start, name="start"),
    path("give", giving.give, name="give"),
    path("no-more", giving.end, name="end_dosing"),
    path("pump", pump.pump, name="pump"),
    path("pause", pump.pause, name="pause"),
    path("stop", pump.stop, name="stop"),
    path("enter/<slug:parameter>", entry.enter, name="enter"),
    path("not-done/<slug:parameter>", entry.not_done, name="not_done"),
    path("event", entry.event, name="event"),
    path("note", entry.note, name="note"),
    path("answer/<slug:rule>/<uuid:about>", entry.answer, name="answer"),
    path("no-reading/<uuid:about>", reminders.artefact, name="artefact"),
    path("readings", reminders.readings_read, name="readings"),
    path("leave", closing.leave, name="leave"),
    path("break-off", closing.break_off, name="break_off"),
    path("sign", closing.sign, name="sign"),
]

urlpatterns = [
    path("chairs", board.board, name="board"),
    path("chairs/live", board.live, name="board_live"),
    path("chairs/calls", board.calls, name="calls"),
    path("chairs/steps", steps.steps, name="steps"),
    path("chairs/steps/<slug:rule>", steps.write_steps, name="write_steps"),
    path("patients/<uuid:patient>/sessions", booking.sessions, name="sessions"),
    path("patients/<uuid:patient>/sessions/book-all", series.book_series, name="series"),
    path("patients/<uuid:patient>/availability", series.availability, name="availability"),
    path("patients/<uuid:patient>/sessions/<uuid:session>", chairside.session, name="session"),
    path("patients/<uuid:patient>/sessions/<uuid:session>/", include(of_one_session)),
]
