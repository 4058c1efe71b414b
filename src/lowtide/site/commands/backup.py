"""Write the whole clinic to one file, while it works.

lowtide backup /mnt/backups/clinic-2026-11-22.zip

The file is a zip of JSON Lines with a manifest of hashes; either engine restores it. It holds patients' data and is
not encrypted: keep it where only you can read it. It does not hold the certificate's key. It changes nothing: a
clinic can be backed up by a new version before that version upgrades it.
"""

import argparse
from pathlib import Path

from lowtide.site.setup import as_it_is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a new file")


def run(args: argparse.Namespace) -> int:
    as_it_is()
    from lowtide.site import redactions
    from lowtide.site.backup import back_up

    redactions.keep_up()
    manifest = back_up(args.file)
    size = args.file.stat().st_size / 1e6
    print(f"{args.file}: {manifest.entries:,} entries in {len(manifest.streams):,} streams, {size:.1f} MB.")
    return 0
