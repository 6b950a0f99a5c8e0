"""Reports of the shipped recordings: what they say, and that nothing in them can do anything."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hostile_text import HOSTILE, hostile_copy

from systui.cli import main

SESSIONS = Path(__file__).parents[2] / "sessions"


def _report(tmp_path: Path, source: str, suffix: str) -> str:
    path = tmp_path / f"report.{suffix}"
    assert main(["report", source, "-o", str(path)]) == 0
    return path.read_text(encoding="utf-8")


class _Checker(HTMLParser):
    """Notes what could load or run something, and elements left open."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bad: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag in {"script", "iframe", "object", "embed", "link", "img", "base", "form", "a"}:
            self.bad.append(tag)
        self.bad += [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _checked(page: str) -> _Checker:
    checker = _Checker()
    checker.feed(page)
    assert not checker.open
    return checker


@pytest.mark.parametrize(
    "name", sorted(path.name.removesuffix(".jsonl.zst") for path in SESSIONS.glob("*.jsonl.zst"))
)
def test_every_session_makes_a_sound_page(tmp_path: Path, name: str) -> None:
    page = _report(tmp_path, name, "html")
    checker = _checked(page)
    assert not checker.bad
    assert {"svg", "table"} <= checker.tags
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


def test_the_page_of_accept_says_what_happened(tmp_path: Path) -> None:
    page = _report(tmp_path, "accept_43", "html")
    for words in ("= -88 ENOTSOCK", "entry_SYSCALL_64", "frame_complete", "RCX = RIP", "nowhere"):
        assert words in page
    assert page.count('class="slot') > 21 * 20
    assert "<polyline" in page


def test_iret_is_told_with_the_condition_that_failed(tmp_path: Path) -> None:
    text = _report(tmp_path, "ways-kill-iret", "md")
    assert "✗" in text
    assert "iretq" in text


def test_markdown_has_the_ledger_whole(tmp_path: Path) -> None:
    text = _report(tmp_path, "accept_43", "md")
    assert re.search(r"\| rcx \| [0-9a-f]+ \| nowhere \| CPU @[\d,]+ \|", text)
    assert re.search(r"\| r15 \| 1 \| r15 @[\d,]+ \|", text)


@pytest.mark.parametrize("suffix", ["html", "md"])
def test_markup_in_a_recording_stays_text(tmp_path: Path, suffix: str) -> None:
    text = _report(tmp_path, str(hostile_copy(tmp_path)), suffix)
    assert HOSTILE not in text
    assert "\x1b" not in text
    if suffix == "html":
        assert not _checked(text).bad
    else:
        assert "<script" not in text


def test_a_bad_name_and_a_bad_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["report", "accept_43", "-o", str(tmp_path / "report.pdf")],
        ["report", "accept_43", "-o", str(tmp_path / "no" / "report.md")],
        ["report", "nothing", "-o", str(tmp_path / "report.md")],
    ):
        assert main(arguments) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_page_says_what_language_it_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for locale, named in (("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("fr_FR.UTF-8", "en")):
        monkeypatch.setenv("LC_MESSAGES", locale)
        assert _report(tmp_path, "accept_43", "html").startswith(
            f'<!doctype html><html lang="{named}">'
        )
