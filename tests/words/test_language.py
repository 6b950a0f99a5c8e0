"""Which language is spoken, and what a person then reads."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from systui import words
from systui.cli import main
from systui.model.effect import Effect
from systui.present.effect import sentence
from systui.present.rows import cells

PROGRAM = str(Path(words.__file__).parents[1] / "examples/accept_43")


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    words.use("en")


@pytest.mark.parametrize(
    ("environment", "languages"),
    [
        ({}, []),
        ({"LANG": "zh_CN.UTF-8"}, ["zh_CN.UTF-8"]),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, []),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, ["zh_CN.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:zh_CN:en"}, ["de", "zh_CN"]),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "en_GB:en:zh"}, []),
        ({"LANG": "C", "LANGUAGE": "zh"}, []),
        ({"LANG": "POSIX"}, []),
    ],
)
def test_the_locale_chooses(environment: dict[str, str], languages: list[str]) -> None:
    assert words.of_locale(environment) == languages


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh_CN.UTF-8", "寄存器"),
        ("zh_SG.UTF-8", "寄存器"),
        ("en_US.UTF-8", "registers"),
        ("C.UTF-8", "registers"),
        ("fr_FR.UTF-8", "registers"),
    ],
)
def test_a_locale_that_is_not_spoken_reads_english(
    locale: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", locale)
    words.use(None)
    assert words._("registers") == said


def test_a_language_can_be_chosen_again() -> None:
    words.use("zh")
    assert words._("stack") == "栈"
    assert words.plural("{count} instruction", "{count} instructions", 3) == "{count} 条指令"
    words.use("en")
    assert words._("stack") == "stack"


def test_an_effect_is_told_in_chinese() -> None:
    words.use("zh")
    effect = Effect("swapgs", 7, "swapgs", {"gs_base": 0x1000, "owner": "kernel"})
    assert sentence(effect) == "swapgs: gs_base 现在是 per-CPU 区域（0x1000），可经 %gs: 访问"


def test_help_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", "--lang", "zh", "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("用法：systui emulate")
    assert "不使用页表隔离" in shown
    assert "usage" not in shown


def test_a_trace_is_chinese_and_no_line_is_too_wide(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["emulate", "--headless", "--lang", "zh", "--follow", "43", PROGRAM]) == 0
    shown = capsys.readouterr().out.splitlines()
    text = "\n".join(shown)
    for said in ("进入内核", "系统调用表", "账本", "SYSRET 的条件", "── 处理函数 ─"):
        assert said in text
    for kept in ("entry_SYSCALL_64", "[frame_complete]", "pt_regs", "-88 ENOTSOCK"):
        assert kept in text
    assert max(map(cells, shown)) <= 98
    bars = {cells(line.partition("│")[0]) for line in shown if "│ " in line[:60]}
    assert len(bars) == 1


def test_json_is_the_same_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    """Keys and identifiers are; sentences may differ."""
    import json

    kept = []
    for language in ("en", "zh"):
        command = ["emulate", "--headless", "--json", "--lang", language, "--follow", "43", PROGRAM]
        assert main(command) == 0
        kept.append([json.loads(line) for line in capsys.readouterr().out.splitlines()])
    english, chinese = kept
    assert [list(line) for line in english] == [list(line) for line in chinese]


def test_importing_the_words_brings_nothing_else() -> None:
    """The standard library serves; Babel is for development."""
    script = (
        "import sys; from systui import words; words.use('en');"
        "print(sorted(m for m in sys.modules if m.startswith(('babel', 'struct', 'systui.'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "['systui.words']", done.stderr
