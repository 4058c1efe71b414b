"""Remove what an entry says, for good, by two named people on a legal basis.

lowtide redact 5b1f0f7e-5f0a-4c3e-9a51-0c1d2e3f4a5b --by a.weber --second "B. Nowak, data protection officer" \\
    --basis "GDPR Art. 17(1)(d)" --reason "belongs to another person"

The entry, its corrections and everything derived from them lose their content; the chain still verifies, and a
redaction entry says who removed it and why. Backups made before still hold it: restoring one redacts it again.
"""

import argparse
import sys
from uuid import UUID

import msgspec

from lowtide.problems import bad
from lowtide.site.setup import ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entry", metavar="ENTRY", help="the entry's id, as the chart shows it")
    parser.add_argument("--by", required=True, help="who removes it: sign-in or name")
    parser.add_argument("--second", required=True, help="the second person")
    parser.add_argument("--basis", required=True, help="the legal basis")
    parser.add_argument("--reason", required=True, help="why, without repeating what is removed")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(args: argparse.Namespace) -> int:
    entry = _id(args.entry)
    ready()
    from lowtide.record.redaction import redact, scrub

    written = redact(
        entry,
        by=_who(args.by),
        second_person=_who(args.second),
        legal_basis=args.basis,
        reason=args.reason,
    )
    clean = scrub()
    removed = [str(e.redacts) for e in written]
    if args.json:
        sys.stdout.write(msgspec.json.encode({"redacted": removed, "scrubbed": clean}).decode() + "\n")
        return 0
    print(f"Redacted {len(removed)} of {written[0].stream}: {', '.join(removed)}.")
    if not clean:
        print("A long read keeps the write-ahead log from being cleared now: restart the server to clear it.")
    print("Backups and exports made before still hold it; a restore redacts it again.")
    return 0


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise bad(f"“{text}” is no entry's id", "ENTRY", "Copy the id from the chart.") from None


def _who(said: str) -> str:
    """A member of staff by sign-in, name or id; anybody else by the name given."""
    from django.db.models import Q

    from lowtide.people.models import StaffIndex

    wanted = said.strip().removeprefix("staff:")
    if not wanted:
        raise bad("nobody is named", "--by and --second", "Name two people.")
    found = StaffIndex.objects.filter(Q(login__iexact=wanted) | Q(name__iexact=wanted) | Q(key=wanted))
    return f"staff:{found[0].key}" if len(found) == 1 else wanted
