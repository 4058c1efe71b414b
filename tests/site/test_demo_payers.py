"""The demonstration's payers: each answer is told, and those who have no insurer were not asked."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from lowtide.pathway.course.authorised import cases
from lowtide.record import store
from lowtide.record.entries.papers import Coverage
from lowtide.site.demo import payers
from tests.pathway.course.story import Story


@pytest.mark.django_db
def test_the_payers_of_the_demonstration_agree_refuse_and_do_not_answer() -> None:
    now, told = datetime.now(UTC), []
    for insured in (True, False, True, True):
        story = Story(at=now - timedelta(days=30)).took_history().decided()
        if insured:
            story.say(Coverage(payer_kind="commercial", payer="Harbour Mutual"))
        told.append(SimpleNamespace(stream=story.planned(protocol="P01").tell().stream))
    payers.ask(now, told)  # type: ignore[arg-type]
    stand = [[case.standing.value for case in cases(store.load(one.stream))] for one in told]
    assert stand == [["granted"], [], ["denied"], ["asked"]]
