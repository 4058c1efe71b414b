"""Make a small clinic for tests that cut its line: staff with one password, https, and either two people at the chair
now or one whose dose is ordered for today, with the safes in use.

python -m tests.browser.small_clinic [waiting]      in $LOWTIDE_HOME
"""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from lowtide.site.setup import ready
from lowtide.virtual.people import Stage


def main() -> None:
    ready()
    from django.db import connection

    from lowtide.people.models import User
    from lowtide.site import certificate
    from lowtide.site.demo.staff import PASSWORD, PEOPLE
    from tests import clinics

    with connection.cursor() as cursor:  # nothing here was promised to anybody yet: it need not be synced
        cursor.execute("PRAGMA synchronous=OFF")
    if "waiting" in sys.argv:
        clinics.make([Stage.LIVE], {Stage.LIVE: _waits}, safes=True)
    else:
        clinics.make([Stage.LIVE, Stage.LIVE])
    for login, *_ in PEOPLE:
        User.objects.create_user(login, password=PASSWORD)
    certificate.make(["localhost", "127.0.0.1"], datetime.now(UTC))


def _waits(care: Any, calendar: Any, chair: str) -> None:
    """Two sessions behind them, the third ordered: who treats them has only to begin."""
    from lowtide.site.demo import story

    story._course(care, calendar, 2, last=4)
    start = calendar.now + timedelta(minutes=15)
    care.book(start - timedelta(days=3), 3, start, chair)
    care.arrive(start - timedelta(minutes=55))
    care.consent(start - timedelta(minutes=50), 3)
    care.sign_order(start - timedelta(minutes=45), 3)


if __name__ == "__main__":
    main()
