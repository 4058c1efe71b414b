"""Which Lowtide this is."""

from functools import cache
from importlib.metadata import version


@cache
def lowtide_version() -> str:
    return version("lowtide")
