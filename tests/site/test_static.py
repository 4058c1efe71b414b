"""What is served is what was vetted: kept scripts unchanged, no script or style inside a page, nothing referred to that is not there."""

import hashlib
import re
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "src/lowtide/site"
STATIC, TEMPLATES = SITE / "static", SITE / "templates"
VENDORED = [STATIC / "vendor", Path(__file__).parents[1] / "browser/vendor"]
FOLDERS = sorted(SITE.parent.rglob("templates"))
PAPER = list(SITE.parent.joinpath("documents").rglob("*.html"))  # carries its style: it leaves the house
PAGES = [page for folder in FOLDERS for page in sorted(folder.rglob("*.html")) if page not in PAPER]
STYLES = sorted(style for style in SITE.parent.rglob("static/**/*.css") if "vendor" not in style.parts)
SCRIPTS = [file for file in SITE.parent.rglob("static/**/*.js") if "vendor" not in file.parts]

COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}", re.DOTALL)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)


def markup(page: Path) -> str:
    return COMMENT.sub("", page.read_text())


def kept(folder: Path) -> list[list[str]]:
    lines = (folder / "VERSIONS").read_text().splitlines()
    return [[cell.strip() for cell in line.split("|")] for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.parent.name)
def test_kept_scripts_are_the_ones_that_were_vetted(folder: Path) -> None:
    for file, _, _, _, licence, sha256 in kept(folder):
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == sha256, file
        assert (folder / licence).read_text().strip(), licence


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.parent.name)
def test_nothing_is_kept_without_a_version_and_a_licence(folder: Path) -> None:
    listed = {row[0] for row in kept(folder)}
    assert {file.name for file in folder.iterdir() if file.suffix in (".js", ".css")} == listed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_carries_script_or_style_of_its_own(page: Path) -> None:
    text = markup(page)
    inline = [
        body
        for attributes, body in SCRIPT.findall(text)
        if body.strip() and "application/json" not in attributes
    ]
    assert inline == []
    assert not re.search(r"<style\b|\sstyle=|javascript:|\son[a-z]+=|\shx-on", text)


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = set(re.findall(r"^\.i--([a-z]+)", (STATIC / "lowtide/icons.css").read_text(), re.MULTILINE))
    named = {
        icon for page in PAGES for icon in re.findall(r"\bi--([a-z]+)\b|icon=\"([a-z]+)\"", markup(page))
    }
    used = {icon for pair in named for icon in pair if icon} - {"big"}
    assert used
    assert used <= drawn


def test_every_static_file_that_is_named_is_there() -> None:
    named = {name for page in PAGES for name in re.findall(r"{% static '([^']+)' %}", markup(page))}
    ours = {name for name in named if name.startswith(("lowtide/", "vendor/"))}
    assert {name for name in ours if not (STATIC / name).is_file()} == set()


def test_every_template_that_is_included_is_there() -> None:
    named = {
        name for page in PAGES for name in re.findall(r"{% (?:include|extends) \"([^\"]+)\"", markup(page))
    }
    assert {name for name in named if not any((folder / name).is_file() for folder in FOLDERS)} == set()


def test_every_variable_of_the_stylesheets_is_defined() -> None:
    text = "\n".join(style.read_text() for style in STYLES)
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= set(re.findall(r"(--[\w-]+):", text))


def test_every_class_is_styled_or_a_handle_of_a_script() -> None:
    styled = set(re.findall(r"\.([a-z][\w-]*)", "\n".join(style.read_text() for style in STYLES)))
    handles = set(re.findall(r"\"\.([a-z][\w-]*)\"", "\n".join(script.read_text() for script in SCRIPTS)))
    plain = {
        name
        for page in PAGES
        for value in re.findall(r'class="([^"{]+)"', markup(page))
        for name in value.split()
    }
    assert plain <= styled | handles


def test_stylesheets_fetch_nothing_from_elsewhere() -> None:
    for style in STYLES:
        text = style.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "@import" not in text
        assert "http" not in text, style.name


def test_htmx_is_told_to_leave_styles_alone() -> None:
    assert '"includeIndicatorCSS": false' in (TEMPLATES / "base.html").read_text()
