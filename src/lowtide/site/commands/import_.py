"""Bring in records from elsewhere: FHIR R4 as JSON (Bundle, NDJSON or a single resource).

example:
  lowtide import patient.json results.ndjson --source "St. Anna hospital"
  lowtide import export/*.json --dry-run --json

All files of one call are read together; their order makes no difference. A file with a fault is refused whole, with
the path of the fault, and the others come in; so is a path that cannot be read (exit code 2 if none of them can). The same file twice changes nothing; a resource that comes again (same
source, type and id) with another content corrects the earlier entry. The source is the name given with --source, else
the server address the file gives, else “unnamed”.

Each resource is counted once: imported (understood), kept_only (kept word for word and listed), updated, unchanged.
Exit code 1 when a file was refused.
"""

import argparse
from pathlib import Path

import msgspec

from lowtide.exchange.fhir.reader import File
from lowtide.problems import BadInput, Problem
from lowtide.site.answers import add_json, answer
from lowtide.site.setup import ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="FHIR R4 JSON: Bundle, NDJSON, resource")
    parser.add_argument("--source", help="the system the files come from")
    parser.add_argument("--dry-run", action="store_true", help="only say what would come in")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    files, unread = _read(args.files)
    if not files:
        raise BadInput(*unread.values())
    ready()
    from lowtide.exchange.fhir.plan import Refusal
    from lowtide.exchange.imports import import_files
    from lowtide.exchange.report import as_json, as_text

    found = import_files(files, args.source, dry_run=args.dry_run)
    refused = [Refusal(name, "file", f"{p.what}. {p.mend}") for name, p in unread.items()]
    found = msgspec.structs.replace(found, refused=(*refused, *found.refused))
    answer(as_json(found), as_text(found, dry_run=args.dry_run), as_json=args.json)
    return 1 if found.refused else 0


def _read(names: list[str]) -> tuple[list[File], dict[str, Problem]]:
    """What can be read, and what is wrong with the rest by name: one bad path does not hold up the others."""
    files, unread = [], {}
    for name in names:
        try:
            files.append(File(name, Path(name).read_bytes()))
        except IsADirectoryError:
            unread[name] = Problem("this is a folder", name, "Name the files in it, such as folder/*.json.")
        except FileNotFoundError:
            unread[name] = Problem("there is no such file", name, "Check the path.")
        except OSError as error:
            what = f"it cannot be read ({error.strerror})"
            unread[name] = Problem(what, name, "Check who owns the file.")
    return files, unread
