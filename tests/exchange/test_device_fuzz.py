"""No bytes that a device or a broken line can send make the reader crash, hang or invent a value."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from lowtide.exchange.hl7v2.framing import Frames, Oversized, frame
from lowtide.exchange.hl7v2.messages import split
from lowtide.exchange.hl7v2.said import said
from tests.exchange.test_device_messages import SAMPLES

LARGEST = 1 << 20


@cache
def samples() -> list[bytes]:
    return [path.read_bytes() for path in sorted(SAMPLES.rglob("*.hl7"))]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A real message with pieces cut out, doubled, swapped or overwritten."""
    data = bytearray(draw(st.sampled_from(samples())))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        width = draw(st.integers(0, 40))
        data[at : at + width] = draw(
            st.sampled_from(
                [
                    b"",
                    b"|",
                    b"^^^",
                    b"\r",
                    b"\\X",
                    b"\xff",
                    b"|||||||",
                    bytes(data[at : at + width]) * 2,
                    b"MSH|",
                ]
            )
        )
    return bytes(data)


@given(st.one_of(st.binary(max_size=400), broken()))
@settings(max_examples=300, deadline=None)
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert said(data)["ack"] in ("AA", "AE", "AR", None)
    assert all(said(message) for message in split(data))


@given(
    st.lists(st.sampled_from(range(36)), min_size=1, max_size=4), st.lists(st.integers(1, 4000), max_size=12)
)
@settings(max_examples=100, deadline=None)
def test_frames_split_anywhere_are_the_same_messages(chosen: list[int], cuts: list[int]) -> None:
    sent = [samples()[at % len(samples())] for at in chosen]
    stream, frames, found = b"".join(map(frame, sent)), Frames(LARGEST), []
    for cut in [*cuts, len(stream)]:
        found += frames.feed(stream[:cut])
        stream = stream[cut:]
    assert found == sent
    assert frames.noise == 0


def test_frames_that_come_a_byte_at_a_time_are_the_same_messages() -> None:
    frames = Frames(LARGEST)
    found = [m for byte in frame(samples()[0]) + frame(samples()[1]) for m in frames.feed(bytes((byte,)))]
    assert found == samples()[:2]


@given(st.binary(max_size=60).filter(lambda data: b"\x0b" not in data))
def test_noise_between_frames_is_not_a_message(noise: bytes) -> None:
    frames = Frames(LARGEST)
    assert frames.feed(noise + frame(b"MSH|1")) == [b"MSH|1"]


def test_a_frame_that_begins_anew_gives_up_what_came_before() -> None:
    assert Frames(LARGEST).feed(b"\x0bMSH|lost" + frame(b"MSH|kept")) == [b"MSH|kept"]


def test_a_frame_without_end_is_refused_before_it_fills_the_memory() -> None:
    frames = Frames(1000)
    try:
        for _ in range(20):
            frames.feed(b"\x0b" if _ == 0 else b"x" * 100)
    except Oversized:
        return
    raise AssertionError("it would have grown for ever")
