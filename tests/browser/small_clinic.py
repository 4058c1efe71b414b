"""Make a small clinic for tests that cut its line: two people at the chair now, staff with one password, https.

python -m tests.browser.small_clinic      in $LOWTIDE_HOME
"""

from datetime import UTC, datetime

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
    clinics.make([Stage.LIVE, Stage.LIVE])
    for login, *_ in PEOPLE:
        User.objects.create_user(login, password=PASSWORD)
    certificate.make(["localhost", "127.0.0.1"], datetime.now(UTC))


if __name__ == "__main__":
    main()
