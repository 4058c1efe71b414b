"""Make a certificate for https in the clinic, and say how each tablet comes to trust it.

lowtide certificate clinic.example.org 192.0.2.10

Names and addresses are what the tablets type. The key stays in the home; lowtide serve uses it from then on. Run it
again before it ends: tablets that trust the authority need nothing done.
"""

import argparse
from datetime import UTC, datetime

TRUST = """
Tell each tablet and computer once to trust the clinic's authority, {file} (until {until:%Y-%m-%d}).
It is no secret; its key beside it is. Compare what the device shows with
  SHA-256 {prints}
  iPad, iPhone   send it by AirDrop or mail, install the profile, then Settings > General > About >
                 Certificate Trust Settings: switch it on
  Android        Settings > Security > More > Encryption and credentials > Install a certificate > CA certificate
  Windows        double-click > Install > Local Machine > Trusted Root Certification Authorities
  macOS          double-click, then in Keychain Access set it to Always Trust
  Firefox        Settings > Privacy and Security > View Certificates > Authorities > Import
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("hosts", metavar="HOST", nargs="+", help="a host name or an address")


def run(args: argparse.Namespace) -> int:
    from lowtide.site.certificate import make

    made = make(args.hosts, datetime.now(UTC))
    print(f"Certificate for {', '.join(made.hosts)}: {made.certificate}, until {made.ends:%Y-%m-%d}.")
    if made.new_authority:
        print(TRUST.format(file=made.authority, until=made.authority_ends, prints=made.authority_print))
    else:
        print("The authority is the one that the tablets already trust.")
    print("Start lowtide serve again so that it is used.")
    return 0
