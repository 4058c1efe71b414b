"""Messages sent to a listener over MLLP, one at a time, each with the answer that came."""

import socket
from types import TracebackType

from lowtide.exchange.hl7v2.framing import Frames, frame

ANSWER_WITHIN_S, LARGEST = 10.0, 1 << 20


class Line:
    """A connection to a listener, as a monitor has one. Raises OSError when there is none to be had."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=ANSWER_WITHIN_S)
        self._frames = Frames(LARGEST)

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, message: bytes, *, answered: bool = True) -> bytes | None:
        """Send it; answers the answer, None when the listener hung up or none is asked for. Raises TimeoutError."""
        self._socket.sendall(frame(message))
        while answered:
            data = self._socket.recv(65_536)
            if not data:
                return None
            for found in self._frames.feed(data):
                return found
        return None
