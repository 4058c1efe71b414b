"""List what has passed its period of retention. Nothing is ever deleted by itself.

lowtide retention
lowtide retention --on 2036-01-01 --json

The periods are policy data (data/retention.toml) with their sources, chosen by the clinic's country. What the list
names may go, if the people who answer for the record decide so: lowtide redact.
"""

import argparse
import sys
from datetime import date

import msgspec

from lowtide.problems import bad
from lowtide.site.setup import ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", help="as of this day, YYYY-MM-DD; today by default")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace) -> int:
    on = _day(args.on) if args.on else None
    ready()
    from django.utils import timezone

    from lowtide.people.clinic import zone
    from lowtide.site.retention import passed

    found = passed(on or timezone.now().astimezone(zone()).date())
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return 0
    for one in found:
        mark = "" if one.verified else " [unverified period]"
        print(
            f"{one.what}: last {one.last}, kept until {one.kept_until} by {one.rule_id}{mark} ({one.label})"
        )
    print(f"{len(found)} have passed their period." if found else "Nothing has passed its period.")
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise bad(f"“{text}” is no day", "--on", "Write it as 2036-01-01.") from None
