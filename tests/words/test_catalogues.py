"""The catalogues against the sources: nothing untranslated, nothing that cannot be filled in."""

import ast
import gettext
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from systui.words import LOCALES, catalogue

LANGUAGES = sorted(path.name for path in LOCALES.iterdir())
UPDATE = "run: python -m systui.words.catalogue"
NOT_LITERAL = {"_(script.title)", "_(note)", "_(self.look.title)"}
"""Sentences of scripts and titles of themes, from TOML files; the catalogue collects them there."""


def ids(collected: Catalog) -> set[str | tuple[str, ...]]:
    return {
        entry.id if isinstance(entry.id, str) else tuple(entry.id)
        for entry in collected
        if entry.id
    }


def translations(entry: Message) -> tuple[str, ...]:
    """The forms of a message's translation: one, but for plurals."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every `_(…)` and `plural(…)` of the sources."""
    for path in sorted(catalogue.PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "plural")
            ):
                yield f"{path.relative_to(catalogue.PACKAGE)}:{node.lineno}", node


def test_there_is_a_chinese_catalogue() -> None:
    assert "zh" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_a_translation(language: str) -> None:
    kept = catalogue.read(language)
    absent = ids(catalogue.collect()) - ids(kept)
    assert not absent, f"not in {language}'s systui.po yet; {UPDATE}\n{_listed(absent)}"
    assert not catalogue.missing(kept), f"without a translation: {catalogue.missing(kept)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_current(language: str) -> None:
    with catalogue.po_path(language).with_suffix(".mo").open("rb") as file:
        kept = gettext.GNUTranslations(file)
    for entry in catalogue.read(language):
        if isinstance(entry.id, str) and entry.id:
            assert kept.gettext(entry.id) == entry.string, UPDATE
        elif entry.id:
            assert kept.ngettext(entry.id[0], entry.id[1], 2) == translations(entry)[-1], UPDATE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_places_of_its_message(language: str) -> None:
    for entry in catalogue.read(language):
        if not entry.id:
            continue
        for translation in translations(entry):
            message = entry.id if isinstance(entry.id, str) else entry.id[-1]
            assert places(translation) == places(message), message


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_blanks_at_the_ends_of_a_clause(language: str) -> None:
    """Only a message that begins or ends with a blank has a translation that may."""
    for entry in catalogue.read(language):
        if entry.id and isinstance(entry.id, str) and entry.id.strip() == entry.id:
            assert str(entry.string).strip() == entry.string, entry.id


def test_a_translation_is_kept_until_its_message_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "zh" / "LC_MESSAGES" / "systui.po"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(catalogue.po_path("zh").read_bytes())
    monkeypatch.setattr(catalogue, "LOCALES", tmp_path)
    collected = catalogue.collect()
    without = catalogue.collect()
    without.delete("registers")
    monkeypatch.setattr(catalogue, "collect", lambda: without)
    assert "registers" not in catalogue.update("zh")
    monkeypatch.setattr(catalogue, "collect", lambda: collected)
    assert catalogue.missing(catalogue.update("zh")) == []


def test_messages_are_literals() -> None:
    """A message that is put together at run time could not be collected."""
    for place, call in calls():
        texts = call.args[: 2 if call.func.id == "plural" else 1]  # type: ignore[attr-defined]
        literal = all(isinstance(text, ast.Constant) for text in texts)
        assert literal or ast.unparse(call) in NOT_LITERAL, place


def test_all_literals_are_collected() -> None:
    """Also those written over several lines."""
    collected = ids(catalogue.collect())
    for place, call in calls():
        texts = [text.value for text in call.args[:2] if isinstance(text, ast.Constant)]
        if texts:
            key = tuple(texts) if call.func.id == "plural" else texts[0]  # type: ignore[attr-defined]
            assert key in collected, place


def test_the_sentences_of_the_scripts_are_collected() -> None:
    collected = ids(catalogue.collect())
    for path in Path(catalogue.SCRIPTS).glob("*.toml"):
        written = path.read_text("utf-8").splitlines()
        notes = [line.partition(" = ")[2] for line in written if line.startswith("note = ")]
        assert all(ast.literal_eval(note) in collected for note in notes)


def test_the_titles_of_the_themes_are_collected() -> None:
    collected = ids(catalogue.collect())
    assert {"Dark", "High contrast"} <= collected


def places(text: str) -> list[tuple[str, str | None, str | None]]:
    """The fields of a format string with their conversions, sorted: a translation may reorder."""
    return sorted(
        (name, spec or "", conversion or "")
        for _text, name, spec, conversion in string.Formatter().parse(text)
        if name is not None
    )


def _listed(messages: set[str | tuple[str, ...]]) -> str:
    return "\n".join(f"  {message!r}" for message in sorted(messages, key=str))
