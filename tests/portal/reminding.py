"""What the tests of reminders share: people in treatment whose place is open, and a clock at noon."""

from datetime import UTC, datetime, timedelta

from lowtide.portal.desk import actions as desk
from lowtide.portal.reminders import sending
from lowtide.portal.reminders.sending import Done
from lowtide.record.entries.identity import Contact, Patient, Sex
from tests.pathway.course.story import Story
from tests.portal.conftest import act

ADA = "ada@example.org"
DAY = timedelta(days=1)


def noon(days: int = 0) -> datetime:
    """Noon of a day, an hour at which mails go out."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + days * DAY


def somebody(email: str | None = ADA, language: str | None = None, given: str = "Ada") -> Story:
    """Somebody in treatment whose place is open: one session held nine days ago, the weekly questions waiting."""
    story = Story(at=noon(-12), register=False)
    contact = Contact(email=email)
    story.say(Patient(family="Testperson", given=given, sex=Sex.FEMALE, contact=contact, language=language))
    story.took_history().decided().planned((0, 11, 14)).phq9(20)
    story.now = story.first_at
    story.held(1).after(hours=20).phq9(12).tell()
    desk.hand_out(act(story.patient, now=noon(-2)), desk.PAPER)
    return story


def with_visit(story: Story, at: datetime, said_at: datetime | None = None) -> Story:
    story.now = said_at or noon(-1)
    story.scheduled(2, at).tell()
    return story


def tomorrow() -> datetime:
    return noon(1).replace(hour=10)


def remind(at: datetime | None = None, *, dry: bool = False) -> list[Done]:
    return sending.remind(lambda: at or noon(), dry=dry)
