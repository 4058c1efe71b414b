"""A process that draws 1 mL after the other from one vial, and says of each whether it was let: used by the races."""

import sys
from decimal import Decimal
from uuid import UUID


def main(patient: str, session: str, vial: str, times: str) -> None:
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "lowtide.site.settings"
    import django

    django.setup()
    from lowtide.problems import Refused
    from lowtide.safe.actions import session as verbs
    from tests.safe.conftest import KEY, Bench

    bench = Bench()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(times)):
        bench.minute = 100
        try:
            verbs.draw(
                bench.act(),
                key=KEY,
                quantity=Decimal(1),
                patient=UUID(patient),
                session=UUID(session),
                vial=vial,
            )
        except Refused:
            print("refused", flush=True)
        else:
            print("drawn", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
