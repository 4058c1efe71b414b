"""Serve the clinic: pages and live updates in one process.

lowtide serve
lowtide serve --host 0.0.0.0 --port 8443
lowtide serve --host 0.0.0.0 --cert clinic.pem --key clinic-key.pem
lowtide serve --behind-proxy
lowtide serve --devices-port 2575

Speaks https with the certificate given, else with the one that lowtide certificate made. It brings the database to
this version first, and refuses while a session is open. --behind-proxy: a proxy on this machine speaks https and
sends X-Forwarded-For and X-Forwarded-Proto.
"""

import argparse
from pathlib import Path

from lowtide.site.inputs import port
from lowtide.site.server import Options, serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; 0.0.0.0 for every address")
    parser.add_argument("--port", type=port, default=8000, help="0 takes a free one")
    parser.add_argument("--cert", type=Path, help="certificate with its chain, PEM")
    parser.add_argument("--key", type=Path, help="its key, PEM")
    parser.add_argument("--behind-proxy", action="store_true", help="a proxy on this machine speaks https")
    parser.add_argument(
        "--devices-port", type=port, help="listen to monitors and pumps there (MLLP); 2575 is usual"
    )
    parser.add_argument("--devices-host", default="127.0.0.1", help="where; 0.0.0.0 for every address")


def run(args: argparse.Namespace) -> int:
    devices = (args.devices_host, args.devices_port)
    serve(Options(args.host, args.port, args.cert, args.key, args.behind_proxy, *devices))
    return 0
