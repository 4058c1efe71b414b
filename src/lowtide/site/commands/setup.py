"""Open a real clinic: its name, zone and crisis line, and the first person who signs in.

lowtide setup --clinic "North Quay Clinic" --zone Europe/Berlin --country DE --crisis-line "116 123" \\
    --login hanne.voss --name "Dr Hanne Voss"

The password is asked for. Without a terminal it is read from $LOWTIDE_PASSWORD, or from standard input (one line).
The first person adds the others on the clinic page. A clinic is set up once; everything can be changed there later.
"""

import argparse
import getpass
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

from lowtide.problems import bad

ROLES = ("medical_director", "administrator", "prescriber")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clinic", required=True, help="the clinic's name")
    parser.add_argument("--zone", required=True, help="its time zone, such as Europe/Berlin")
    parser.add_argument("--country", required=True, help="two letters, such as DE")
    parser.add_argument("--crisis-line", required=True, help="who patients call in a crisis")
    parser.add_argument("--login", required=True, help="sign-in name of the first person")
    parser.add_argument("--name", required=True, help="their name, as it stands under entries")
    parser.add_argument(
        "--role",
        action="append",
        choices=ROLES,
        help="their role (may be given more than once); administrator if none is given",
    )


def run(args: argparse.Namespace) -> int:
    """Write the clinic and its first member of staff; refuses a second time."""
    from lowtide.site.setup import ready

    ready()
    from lowtide.people.clinic import this_clinic
    from lowtide.people.staff import actions
    from lowtide.problems import refuse
    from lowtide.record.entries.clinic import Clinic, Staff

    if this_clinic():
        raise refuse("this clinic is set up already", "setup", "Sign in, and change it on the clinic page.")
    clinic = Clinic(
        name=args.clinic, zone=args.zone, country=args.country.upper(), crisis_line=args.crisis_line
    )
    roles = tuple(args.role or ["administrator"])
    first = Staff(staff=uuid4(), name=args.name, roles=roles, login=args.login.strip().lower())
    actions.set_up(clinic, first, password(), now=datetime.now(UTC))
    print(f"{args.clinic} is open. Start it with lowtide serve, and sign in as {first.login}.")
    return 0


def password() -> str:
    """From the environment, the terminal (twice, unseen), or one line of standard input."""
    if given := os.environ.get("LOWTIDE_PASSWORD"):
        return given
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password for the first person: ")
    if getpass.getpass("The same again: ") != first:
        raise bad("the two passwords differ", "password", "Run it again and type the same twice.")
    return first
