"""32-bit numbers: against the tables, and what is served of them."""

from systui.kernel.syscalls import bundled
from systui.services.compat.dispatch import handler
from systui.services.compat.numbers import NUMBERS


def test_numbers_agree_with_the_tables() -> None:
    native = {row.entry: row.number for row in bundled("x86_64").rows if row.abi != "x32"}
    same = {
        row.number: native[entry]
        for row in bundled("i386").rows
        if (entry := row.compat or row.entry) in native and entry is not None
    }
    assert same == NUMBERS


def test_handlers_of_their_own_have_the_tables_names() -> None:
    names = {row.number: row.name for row in bundled("i386").rows}
    own = [found for number in names if (found := handler(number)) and number not in NUMBERS]
    assert len(own) > 70
    assert [each for each in own if names[each.number] != each.name] == []


def test_a_number_beyond_the_table_is_not_served() -> None:
    assert handler(9999) is None
