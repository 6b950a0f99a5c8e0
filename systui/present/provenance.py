"""Where a row of the call table comes from, in words."""

from collections.abc import Iterator

from systui.kernel.provenance import Provenance
from systui.present.numbers import hexadecimal
from systui.words import _


def provenance_lines(found: Provenance) -> Iterator[str]:
    """From the row to its slot, the handler in it, and where that is defined."""
    row = found.row
    if found.slots is not None:
        yield _(
            "{number}: {table} has {slots} slots, none for it; a range check refuses it"
        ).format(number=row.number, table=found.table, slots=found.slots)
    elif row.entry is not None:
        yield _("{number} {name}: the table's row names {entry}").format(
            number=row.number, name=row.name, entry=row.entry
        )
    else:
        yield _("{number} {name}: the table's row names no handler").format(
            number=row.number, name=row.name
        )
    if found.slot is not None:
        yield _("its slot: {table} + {number}*{word} = {slot}").format(
            table=found.table, number=row.number, word=found.word, slot=hexadecimal(found.slot)
        )
    if found.address is not None:
        yield _holds(found)
    if found.switch is not None:
        yield _("calls are picked by {switch}, a compiled switch; the table is for tracers").format(
            switch=found.switch
        )
    if found.missing:
        yield _("the number is not implemented: the answer is -38 ENOSYS")


def short_provenance(found: Provenance) -> str:
    """The same in one line: the handler, its source line, the slot's arithmetic."""
    handler = found.symbol or found.row.entry or _("no handler")
    if found.address is not None:
        handler += f" {hexadecimal(found.address)}"
    parts = [f"→ {handler}"]
    if found.missing:
        parts.append(_("· not implemented: -38 ENOSYS"))
    if found.source is not None:
        parts.append(f"· {found.source.file}:{found.source.line}")
    if found.slot is not None:
        slot = hexadecimal(found.slot)
        parts.append(f"· {found.table} + {found.row.number}*{found.word} = {slot}")
    if found.switch is not None:
        parts.append(_("· picked by {switch}").format(switch=found.switch))
    return " ".join(parts)


def _holds(found: Provenance) -> str:
    values = {"symbol": found.symbol or "?", "address": hexadecimal(found.address)}
    if found.source is None:
        return _("its handler: {symbol} at {address}").format(**values)
    return _("its handler: {symbol} at {address}, defined at {file}:{line}").format(
        **values, file=found.source.file, line=found.source.line
    )
