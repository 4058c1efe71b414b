"""A link as a square of dots that a camera reads, drawn as SVG (pure)."""

import qrcode

QUIET = 4


def square(text: str, label: str = "The link, for a phone’s camera") -> str:
    """The drawing: one path of unit squares, with the quiet edge that a camera needs."""
    made = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    made.add_data(text)
    made.make(fit=True)
    rows = made.get_matrix()
    side = len(rows) + 2 * QUIET
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return (
        f'<svg class="square" viewBox="0 0 {side} {side}" role="img" aria-label="{label}">'
        f'<path class="square-ground" fill="#fff" d="M0 0h{side}v{side}H0z"/><path class="square-dots" fill="#000" d="{path}"/></svg>'
    )
