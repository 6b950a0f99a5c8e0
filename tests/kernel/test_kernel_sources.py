"""Source text: found whatever the build path was, and only where the user said."""

import os
from pathlib import Path

import pytest

from systui.kernel.sources import Sources


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small kernel tree beside a program's directory and something private."""
    for name in (
        "linux/arch/x86/entry/entry_64.S",
        "linux/net/socket.c",
        "linux/kernel/entry/common.c",
        "lab/accept.c",
        "lab/deep/down/menu.c",
        "private/secret.c",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"first line of {name}\nsecond\n")
    return tmp_path


def first(sources: Sources, file: str) -> str | None:
    text = sources.text(file)
    return None if text is None else text.lines[0].removeprefix("first line of ")


@pytest.mark.parametrize(
    ("directory", "file", "found"),
    [
        ("linux", "arch/x86/entry/entry_64.S", "linux/arch/x86/entry/entry_64.S"),
        ("linux", "/b/linux-6.1/arch/x86/entry/entry_64.S", "linux/arch/x86/entry/entry_64.S"),
        ("linux", "linux-6.1/net/socket.c", "linux/net/socket.c"),
        ("linux/arch/x86", "arch/x86/entry/entry_64.S", "linux/arch/x86/entry/entry_64.S"),
        ("linux/arch/x86/entry", "entry_64.S", "linux/arch/x86/entry/entry_64.S"),
        (".", "arch/x86/entry/entry_64.S", "linux/arch/x86/entry/entry_64.S"),
        (".", "entry_64.S", "linux/arch/x86/entry/entry_64.S"),
        ("lab", "accept.c", "lab/accept.c"),
        ("lab", "./accept.c", "lab/accept.c"),
        ("lab", "/home/somebody/else/accept.c", "lab/accept.c"),
        ("lab", "menu.c", "lab/deep/down/menu.c"),
        ("lab", "kernel/accept.c", None),
        ("linux", "net/common.c", None),
        ("linux", "io_uring/entry/common.c", None),
        ("linux", "arch/x86/entry/none.S", None),
        ("nowhere", "accept.c", None),
        ("lab", "", None),
        ("lab", "/", None),
        ("lab", "../private/secret.c", None),
        ("lab", "deep/../../private/secret.c", None),
        ("lab", "/etc/passwd", None),
        ("lab", "a\0b", None),
    ],
)
def test_files_by_the_name_in_the_line_table(
    tree: Path, directory: str, file: str, found: str | None
) -> None:
    assert first(Sources([tree / directory]), file) == found


def test_the_first_directory_that_has_it_counts(tree: Path) -> None:
    (tree / "mine" / "net").mkdir(parents=True)
    (tree / "mine" / "net" / "socket.c").write_text("first line of mine\n")
    assert first(Sources([tree / "mine", tree / "linux"]), "net/socket.c") == "mine"
    assert first(Sources([tree / "linux", tree / "mine"]), "net/socket.c") == "linux/net/socket.c"


def test_no_directories_no_text() -> None:
    assert Sources([]).text("accept.c") is None


def test_links_do_not_lead_out_of_the_directories(tree: Path) -> None:
    (tree / "lab" / "out.c").symlink_to(tree / "private" / "secret.c")
    (tree / "lab" / "door").symlink_to(tree / "private")
    (tree / "lab" / "in.c").symlink_to("accept.c")
    (tree / "lab" / "round").symlink_to(".")
    sources = Sources([tree / "lab"])
    assert sources.text("out.c") is None
    assert sources.text("door/secret.c") is None
    assert sources.text("secret.c") is None
    assert first(sources, "in.c") == "lab/accept.c"


def test_a_directory_may_itself_be_a_link(tree: Path) -> None:
    (tree / "linked").symlink_to(tree / "linux")
    assert first(Sources([tree / "linked"]), "net/socket.c") == "linux/net/socket.c"


def test_what_is_no_text_is_not_shown(tree: Path) -> None:
    lab = tree / "lab"
    (lab / "binary.c").write_bytes(b"int\0main")
    (lab / "huge.c").write_bytes(b"x\n" * (1 << 22))
    (lab / "folder.c").mkdir()
    os.mkfifo(lab / "fifo.c")
    (lab / "closed.c").symlink_to("closed.c")
    sources = Sources([lab])
    for name in ("binary.c", "huge.c", "folder.c", "fifo.c", "closed.c"):
        assert sources.text(name) is None, name


def test_text_is_made_harmless_and_keeps_its_line_numbers(tree: Path) -> None:
    (tree / "lab" / "odd.c").write_bytes(
        b"a\tb\r\n\x1b[2Jclear\nform\x0cfeed\x0bhere\n"
        b"not utf-8: \xff\nC1 \xc2\x9b bidi \xe2\x80\xae.\n" + b"x" * 5000
    )
    text = Sources([tree / "lab"]).text("odd.c")
    assert text is not None
    assert text.lines[:5] == (
        "a\tb",
        "␛[2Jclear",
        "form␌feed␋here",
        "not utf-8: �",
        "C1 � bidi �.",
    )
    assert len(text.lines) == 6
    assert text.lines[5] == "x" * 2000 + "…"


def test_an_empty_file_has_no_lines(tree: Path) -> None:
    (tree / "lab" / "empty.c").write_bytes(b"")
    text = Sources([tree / "lab"]).text("empty.c")
    assert text is not None
    assert text.lines == ()


def test_a_text_is_read_once(tree: Path) -> None:
    sources = Sources([tree / "lab"])
    before = sources.text("accept.c")
    (tree / "lab" / "accept.c").unlink()
    assert sources.text("accept.c") is before


def test_a_search_among_very_many_files_ends(tree: Path) -> None:
    crowd = tree / "crowd"
    for number in range(60):
        directory = crowd / f"{number:03}"
        directory.mkdir(parents=True)
        for name in range(20):
            (directory / f"{name}.c").touch()
    sources = Sources([crowd])
    assert sources.text("nothing.c") is None
    assert sources.text("059/19.c") is not None
