"""Compile the numerical kernels now, so that nobody waits for the compiler later. Run it after installing.

Example: lowtide warm
"""

import argparse

from lowtide.site.compiled import warm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    print(f"Kernels compiled and kept: {warm():.1f} s.")
    return 0
