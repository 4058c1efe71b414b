"""What a therapist writes down around a session: stages, prompts, and the topic that each prompt belongs to."""

from functools import cache

import msgspec

from lowtide.data import read


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    label: str
    help: str
    topic: str


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Before, during or after; `chips` are said in one tap."""

    label: str
    about: str
    prompts: tuple[Prompt, ...]
    chips: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    verified: bool
    stage: dict[str, Stage]


@cache
def stages() -> dict[str, Stage]:
    return read.toml("therapy.toml", _File).stage


@cache
def prompts() -> dict[str, Prompt]:
    """Every prompt by id."""
    return {prompt.id: prompt for stage in stages().values() for prompt in stage.prompts}
