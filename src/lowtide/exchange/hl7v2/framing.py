"""The frames of MLLP: a start byte, a message, an end byte and a carriage return; however the bytes arrive.

Source: HL7 Transport Specification, Minimal Lower Layer Protocol, release 1.
"""

START, END, RETURN = 0x0B, 0x1C, 0x0D
_CLOSED = bytes((END, RETURN))


class Oversized(Exception):
    """A frame grew past the limit before it ended: the connection cannot be trusted any more."""


def frame(message: bytes) -> bytes:
    """The message between the bytes that MLLP asks for."""
    return bytes((START,)) + message + _CLOSED


def ended_early(data: bytes) -> bool:
    """Whether the last frame of a file has a start and no end."""
    return data.rfind(bytes((START,))) > data.rfind(bytes((END,)))


class Frames:
    """Collects bytes and yields whole messages. Bytes outside a frame are noise and are counted, not kept.

    A start byte inside a frame means that the sender began anew: what came before it is given up.
    """

    def __init__(self, largest_bytes: int) -> None:
        self._kept = bytearray()
        self._inside = False
        self._largest = largest_bytes
        self.noise = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes, in order. Raises Oversized."""
        found: list[bytes] = []
        for position, piece in enumerate(data.split(bytes((START,)))):
            if position:
                self._begin()
            found += self._ended(piece)
        return found

    def _begin(self) -> None:
        self.noise += len(self._kept)
        self._kept.clear()
        self._inside = True

    def _ended(self, piece: bytes) -> list[bytes]:
        if not self._inside:
            self.noise += len(piece.strip(b"\r\n"))
            return []
        seen = max(0, len(self._kept) - 1)
        self._kept += piece
        end = self._kept.find(END, seen)
        if end < 0:
            if len(self._kept) > self._largest:
                raise Oversized
            return []
        message, rest = bytes(self._kept[:end]), bytes(self._kept[end + 1 :])
        self._kept.clear()
        self._inside = False
        self.noise += len(rest.strip(b"\r\n"))
        return [message]
