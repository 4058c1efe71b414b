"""Compiled kernels: where they are kept, and compiling them before anybody waits for them.

numba keeps what it compiled beside the module. Where that folder may not be written to (a package that root installed),
it is kept under the clinic's home instead, so that a service without a home directory of its own finds it again.
"""

import os
import time
from pathlib import Path

import lowtide
from lowtide.site.home import home

PHARMACOLOGY = Path(lowtide.__file__).parent / "science" / "pharmacology"


def keep() -> None:
    """Say where compiled kernels are kept, unless `$NUMBA_CACHE_DIR` already does. Before numba is imported."""
    if "NUMBA_CACHE_DIR" not in os.environ and not os.access(PHARMACOLOGY, os.W_OK):
        os.environ["NUMBA_CACHE_DIR"] = str(home() / "compiled")


def warm() -> float:
    """Run every kernel once, which compiles what is not compiled yet; answers how many seconds it took."""
    start = time.perf_counter()
    from lowtide.site.warming import run_every_kernel

    run_every_kernel()
    return time.perf_counter() - start
