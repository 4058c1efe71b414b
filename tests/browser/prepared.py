"""Put one more person on a chair of a small clinic: everything is ready, and the dose is not begun.

python -m tests.browser.prepared              in $LOWTIDE_HOME; answers the session's address
python -m tests.browser.prepared injection    the same for an injection, whose syringe bears a label: answers its digits, too
"""

import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid5

import msgspec

from lowtide.site.setup import ready
from lowtide.virtual.people import Stage, people


def main() -> None:
    ready()
    from lowtide.site.demo import story
    from lowtide.site.demo.care import Care
    from lowtide.site.demo.staff import NAMESPACE
    from lowtide.site.demo.treatments import INFUSION_OF_KETAMINE, UNDER_THE_SKIN

    story.CHAIRS = ("3", "4") * 2  # on the others sit the two who are there
    calendar = story.Calendar(datetime.now(UTC))
    person = msgspec.structs.replace(people(story.SEED, calendar.today)[4], stage=Stage.LIVE)
    treatment = UNDER_THE_SKIN if "injection" in sys.argv else INFUSION_OF_KETAMINE
    care = Care(person, uuid5(NAMESPACE, person.number), treatment)
    story._course(care, calendar, 2, last=4)
    care.book(calendar.now - timedelta(days=3), 3, calendar.now, "3")
    care.begin(3, calendar.now, "3")
    care.events.pop()  # the start
    for _, happen in sorted(care.events, key=lambda event: event[0]):
        happen()
    print(*(one.body.code for one in care._bags(3)))
    print(f"/patients/{care.patient_id}/sessions/{care._session(3)}")


if __name__ == "__main__":
    main()
