"""`lowtide VERB`: finds the verb's module, keeps to the exit codes, turns bad input into one clear line.

0 the answer was printed; 1 verify not ok, import with refusals, a conflict; 2 wrong use or bad input.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

from lowtide.problems import BadInput, Conflict
from lowtide.site import commands, compiled
from lowtide.site.storage import trouble


def verbs() -> list[str]:
    """Every verb: one module each in `site/commands`."""
    return sorted(m.name.rstrip("_") for m in pkgutil.iter_modules(commands.__path__))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and answer its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or given[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if given[0] not in verbs():
        return _wrong(f"there is no verb “{given[0]}”. Use one of: {', '.join(verbs())}.")
    compiled.keep()
    return _run(given[0], given[1:])


def _run(verb: str, rest: list[str]) -> int:
    module = importlib.import_module(f"lowtide.site.commands.{verb}{'_' * (verb in ('import',))}")
    parser = argparse.ArgumentParser(
        f"lowtide {verb}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.add_arguments(parser)
    args = parser.parse_args(rest)
    try:
        return int(module.run(args))
    except BadInput as error:
        return _wrong(str(error))
    except Conflict as error:
        print(f"lowtide: {error}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        return _wrong(f"{error.filename}: there is no such file. Check the path.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _wrong(f"{error.filename or 'file system'}: {error.strerror}. Mend it, then run this again.")
    except Exception as error:
        problem = trouble(error)
        if problem is None:
            raise
        return _wrong(str(problem))


def _wrong(line: str) -> int:
    print(f"lowtide: {' '.join(line.split())}", file=sys.stderr)
    return 2


def _overview() -> str:
    """One line per verb, from the first line of its module's docstring."""
    lines = [
        "Lowtide, the open clinical system for low-dose ketamine therapy.",
        "",
        "lowtide VERB [--help]",
        "",
    ]
    for verb in verbs():
        module = importlib.import_module(f"lowtide.site.commands.{verb}{'_' * (verb in ('import',))}")
        lines.append(f"  {verb:<12} {(module.__doc__ or '').strip().splitlines()[0]}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
