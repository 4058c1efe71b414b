"""`make docs`: the pages of docs/ that are made from tables and tests, so that they say what is.

.venv/bin/python -m tests.repository.write_docs
.venv/bin/python -m tests.repository.write_docs hazard-log.md

A further page (a validation report, say) is a module with `page() -> Iterator[str]` and a line in PAGES.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.exchange import report
from tests.repository import hazard_log, rules_page
from tests.science.evidence import changes
from tests.science.evidence import page as evidence_page
from tests.science.evidence import table_page as evidence
from tests.science.instruments import printed
from tests.science.pharmacology import validation

DOCS = Path(__file__).parents[2] / "docs"
PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "evidence.md": evidence.page,
    "evidence-changes.md": changes.page,
    "hazard-log.md": hazard_log.page,
    "import-report.md": report.page,
    "rules.md": rules_page.page,
}


def _validation() -> Iterator[str]:
    yield from validation.page()
    yield ""
    yield from printed.page()
    yield from evidence_page.page()


SLOW: dict[str, Callable[[], Iterator[str]]] = {"validation.md": _validation}  # a minute of simulation


def text(name: str) -> str:
    """The page as it should stand in docs/."""
    return "\n".join((PAGES | SLOW)[name]()) + "\n"


def main() -> None:
    names = sys.argv[1:] or (*PAGES, *SLOW)
    if "evidence-changes.md" in names:
        changes.keep()
    for name in names:
        (DOCS / name).write_text(text(name), encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
