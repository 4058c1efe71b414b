"""The compiler has run before anybody waits for it, wherever the package lies."""

import os
from pathlib import Path

import pytest

from lowtide.site import compiled
from lowtide.site.cli import main


def test_warming_runs_every_kernel_and_says_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warm"]) == 0
    assert capsys.readouterr().out.startswith("Kernels compiled and kept: ")


def test_a_package_that_may_not_be_written_to_keeps_its_kernels_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("LOWTIDE_HOME", str(tmp_path))
    monkeypatch.setattr(compiled, "PHARMACOLOGY", tmp_path / "nobody may write here")
    compiled.keep()
    assert os.environ.pop("NUMBA_CACHE_DIR") == str(tmp_path / "compiled")
