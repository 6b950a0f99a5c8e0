"""Bring the message catalogues up to the sources: `python -m systui.words.catalogue`.

Collects every message of the sources, the shipped scripts and themes, merges them into each
language's `systui.po` and compiles its `systui.mo`; then says which messages still want a
translation. Needs Babel, from the development dependencies; the program itself reads the `.mo` with
the standard library alone.
"""

import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from systui.words import DOMAIN, LOCALES

PACKAGE = Path(__file__).resolve().parents[1]
SCRIPTS = PACKAGE / "follow" / "scripts"
THEMES = PACKAGE.parent / "themes"
_WIDTH = 100
_KEYWORDS = {"_": None, "plural": (1, 2)}


def collect() -> Catalog:
    """Every message of the sources, the scripts and the themes, in the order of the files."""
    found = Catalog(domain=DOMAIN, project="systui", charset="utf-8", fuzzy=False)
    sources = extract_from_dir(
        PACKAGE, method_map=[("**.py", "python")], keywords=_KEYWORDS, strip_comment_tags=True
    )
    for name, _line, message, comments, _context in sorted(sources, key=lambda row: row[:2]):
        found.add(message, locations=[(f"systui/{name}", 0)], auto_comments=comments)
    for script in sorted(SCRIPTS.glob("*.toml")):
        place = script.relative_to(PACKAGE.parent).as_posix()
        for text in script_sentences(tomllib.loads(script.read_text("utf-8"))):
            found.add(text, locations=[(place, 0)])
    for theme in sorted(THEMES.glob("*.toml")):
        title = tomllib.loads(theme.read_text("utf-8"))["title"]
        found.add(title, locations=[(f"themes/{theme.name}", 0)])
    return found


def script_sentences(script: dict[str, object]) -> Iterator[str]:
    """What a script says to a person: its title and its notes."""
    yield str(script["title"])
    steps = script["step"]
    assert isinstance(steps, list)
    for step in steps:
        if "note" in step:
            yield step["note"]
        yield from step.get("notes", {}).values()


def read(language: str) -> Catalog:
    """The catalogue of `language` as it is kept."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def po_path(language: str) -> Path:
    """Where the translations of `language` are written by hand."""
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def compiled(catalogue: Catalog) -> bytes:
    """The `.mo` of a catalogue."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def missing(catalogue: Catalog) -> list[str]:
    """The messages that have no translation yet, or one that only resembles it (fuzzy)."""
    return [
        entry.id if isinstance(entry.id, str) else entry.id[0]
        for entry in catalogue
        if entry.id and (entry.fuzzy or not _complete(entry.string))
    ]


def _complete(translation: str | tuple[str, ...] | list[str] | None) -> bool:
    if translation is None:
        return False
    return bool(translation) and all(translation)


def update(language: str) -> Catalog:
    """Merge what the sources say now into the catalogue of `language`, and compile it.

    A translation whose message is gone is kept aside (`#~`) and serves again when it comes back,
    as messages do that another branch has already.
    """
    catalogue = read(language)
    for entry in list(catalogue.obsolete.values()):
        catalogue[entry.id] = entry
    catalogue.obsolete.clear()
    catalogue.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    with po_path(language).open("wb") as file:
        write_po(file, catalogue, width=_WIDTH, include_lineno=False, sort_by_file=False)
    catalogue = read(language)
    po_path(language).with_suffix(".mo").write_bytes(compiled(catalogue))
    return catalogue


def main() -> int:
    """Update every language's catalogue; status 1 while translations are missing."""
    wanting = 0
    for path in sorted(LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        language = path.parents[1].name
        catalogue = update(language)
        absent = missing(catalogue)
        wanting += len(absent)
        print(f"{language}: {len(catalogue)} messages, {len(absent)} without a translation")
        for message in absent:
            print(f"  {message}")
    return 1 if wanting else 0


if __name__ == "__main__":
    sys.exit(main())
