"""How lots are compared, wherever somebody reads or writes one (pure)."""


def lots_of(*said: str) -> frozenset[str]:
    """The lots that these words name, commas between them, each as it is compared: without spaces, in one case."""
    return frozenset("".join(lot.split()).casefold() for one in said for lot in one.split(",") if lot.strip())
