"""A simulation as a picture in a file: SVG, or PNG from the same SVG, in the light colours of the pages."""

import contextlib
import os
from pathlib import Path
from typing import Any

import msgspec

from lowtide.data import pharmacology
from lowtide.data.forecast import numbers
from lowtide.pathway.course.drawing import bands, paper
from lowtide.pathway.plan.forecast_picture import picture
from lowtide.pathway.plan.forecast_run import kept, moments
from lowtide.problems import bad
from lowtide.record.entries.forecast import ForecastFor
from lowtide.science.pharmacology.simulate import Answer, Question

ENDINGS = (".svg", ".png")
STYLES = Path(__file__).parent / "static" / "lowtide"
FOLLOW_H = 6.0
PIXELS = 2.0  # a screen or a slide shows it at twice the drawn size


def refuse_place(path: Path | None, option: str = "--plot") -> None:
    """Raises BadInput for another ending, and for a place that cannot be written, before anything is computed."""
    if path is None:
        return
    if path.suffix.lower() not in ENDINGS:
        raise bad(f"“{path.suffix or path.name}” is no kind of picture", option, "End it in .svg or .png.")
    if (
        not path.parent.is_dir()
        or path.is_dir()
        or not os.access(path if path.exists() else path.parent, os.W_OK)
    ):
        raise bad(f"{path} cannot be written", option, "Choose a file in a folder you may write to.")


def denser(question: Question) -> Question:
    """The question with enough moments for a smooth picture."""
    by_minute = {round(hours * 60, 6): hours for hours in (*_drawn(question), *question.at_h)}
    return msgspec.structs.replace(question, at_h=tuple(sorted(by_minute.values())))


def _drawn(question: Question) -> tuple[float, ...]:
    """Hours drawn: until a while after the last dose; every session closely."""
    last = question.doses[-1]
    end = min(question.until_h, last.at_h + last.over_min / 60 + FOLLOW_H)
    starts = dict.fromkeys(dose.at_h for dose in question.doses)
    found = {round(start + minute / 60, 9) for start in starts for minute in moments(FOLLOW_H * 60)}
    found |= {end * i / 48 for i in range(49)}
    return tuple(sorted(hour for hour in found if hour <= end + 1e-9))


def only_asked(found: Answer, question: Question) -> Answer:
    """The answer without the moments that only the picture needed."""
    return _only_at(found, question.at_h)


def _only_at(found: Answer, hours: tuple[float, ...]) -> Answer:
    kept_min = {round(hour * 60, 6) for hour in hours}

    def pruned(quantities: dict[str, Any]) -> dict[str, Any]:
        return {
            name: msgspec.structs.replace(one, at=[m for m in one.at if m.min in kept_min])
            for name, one in quantities.items()
        }

    return msgspec.structs.replace(
        found,
        analytes=pruned(found.analytes),
        effects=pruned(found.effects),
        typical={name: pruned(group) for name, group in found.typical.items()},
    )


def write(path: Path, found: Answer, question: Question) -> None:
    """Draw the answer into the file. Raises BadInput when it cannot be written."""
    shown = _only_at(found, _drawn(question))
    about = ForecastFor(weight_kg=question.person.weight_kg)
    forecast = kept(shown, about, question.doses, pharmacology.version(), numbers())
    save(path, bands.draw(picture(forecast, "simulation"), fixed=True), "--plot")


def save(path: Path, drawing: str, option: str) -> None:
    """A drawing of a page into a file of its own. Raises BadInput when it cannot be written."""
    standing_alone = painted(drawing)
    data = standing_alone.encode() if path.suffix.lower() == ".svg" else png(standing_alone)
    try:
        path.write_bytes(data)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise bad(f"{path} cannot be written ({error.strerror})", option, "Choose another file.") from error


def painted(drawing: str) -> str:
    """The drawing with the pages' colours in it, on paper, to stand alone."""
    tokens, *its = ((STYLES / f"{name}.css").read_text() for name in ("tokens", "charts", "evidence"))
    css = "".join(paper.paint(tokens, one) for one in its)
    head, rest = paper.painted(drawing, css).split("</style>", 1)
    return f'{head}</style><rect width="100%" height="100%" fill="#FFFFFF"/>{rest}'


def png(drawing: str) -> bytes:
    """The same drawing as pixels."""
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=drawing, zoom=PIXELS, font_family="DejaVu Sans", sans_serif_family="DejaVu Sans"
        )
    )
