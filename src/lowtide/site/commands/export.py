"""Give everything back in open formats, readable without Lowtide.

lowtide export clinic-2026-11-22.zip
lowtide export --patient LT-1042 record-for-ms-testperson
lowtide export --no-pdf big-clinic

Into a new folder, or a zip when the name ends so: JSON Lines of the entries with their hashes, CSV tables, a PDF a
patient, FHIR originals, the access log, a manifest of hashes and a README.txt. It holds patients' data, unencrypted.
"""

import argparse
from pathlib import Path

from lowtide.site.setup import ready


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="OUT", type=Path, help="a new folder, or a new .zip")
    parser.add_argument("--patient", help="only this one: id, identifier or unique name")
    parser.add_argument("--no-pdf", action="store_true", help="write the documents as HTML, which is quicker")


def run(args: argparse.Namespace) -> int:
    ready()
    from lowtide.site.export import export
    from lowtide.site.which import the_one

    done = export(args.out, the_one(args.patient) if args.patient else None, with_pdf=not args.no_pdf)
    print(
        f"{done.place}: {done.entries:,} entries in {done.streams:,} streams, {done.documents:,} documents."
    )
    return 0
