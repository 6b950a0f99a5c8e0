"""Call frame information: where each function keeps its caller's registers, by address.

Source of facts: DWARF 5, 6.4; for `.eh_frame` also the System V ABI for x86-64, 3.7. Only the
program of the function asked for is run; of the rest only the headers are read, once. Damaged
or missing tables raise nothing: those addresses have no rules.
"""

from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from systui.kernel.cursor import Cursor, DamageError
from systui.kernel.named import Named

_MOST_FUNCTIONS = 400_000
_MOST_OPERATIONS = 20_000
_DEEPEST = 64
_PCREL, _INDIRECT = 0x10, 0x80
_SIZES = {0x2: 2, 0x3: 4, 0x4: 8, 0xA: 2, 0xB: 4, 0xC: 8}
"""Bytes of a pointer by the low half of its encoding; from 8 on they are signed."""
_WORD = (1 << 64) - 1


class Rule(NamedTuple):
    """Where a register of the caller is: in memory at the frame's address plus `offset`."""

    offset: int | None
    """None where the register has no value in the caller (`undefined`)."""


class Rules(NamedTuple):
    """How to go from one instruction's registers to its caller's."""

    register: int
    """DWARF number of what the frame's address is counted from."""
    offset: int
    saved: Mapping[int, Rule]
    """By DWARF number; a register that is not here still holds the caller's value."""
    returns: int
    """DWARF number of the column that stands for the return address."""


class _Common(NamedTuple):
    """A common information entry."""

    code_factor: int
    data_factor: int
    returns: int
    encoding: int
    augmented: bool
    signal: bool
    start: int
    end: int


class _Function(NamedTuple):
    low: int
    high: int
    common: int
    start: int
    end: int


class _State(NamedTuple):
    register: int | None
    offset: int
    saved: Mapping[int, Rule]


class CallFrames:
    """The call frame tables of one image, at link-time addresses."""

    def __init__(self, image: Named) -> None:
        """Nothing is read yet."""
        self._image = image
        self._tables: list[_Table] | None = None

    def rules(self, address: int) -> Rules | None:
        """The rules at the instruction at `address`; None where there are none it can tell."""
        if self._tables is None:
            self._tables = [_Table(self._image, name) for name in (".eh_frame", ".debug_frame")]
        for table in self._tables:
            found = table.rules(address)
            if found is not None:
                return found
        return None


class _Table:
    """One section."""

    def __init__(self, image: Named, name: str) -> None:
        section = image.section(name)
        self._data = image.content_of(name)
        self._word = image.bits // 8
        self._base = section.address if section is not None else 0
        self._eh = name == ".eh_frame"
        self._commons: dict[int, _Common | None] = {}
        functions: list[_Function] = []
        with suppress(DamageError):  # what was read up to there is good
            self._scan(functions)
        functions.sort()
        self._functions = functions
        self._lows = [each.low for each in functions]

    def _scan(self, functions: list[_Function]) -> None:
        at = 0
        while at + 4 <= len(self._data) and len(functions) < _MOST_FUNCTIONS:
            cursor = Cursor(self._data, at)
            length, wide = cursor.initial_length()
            if length == 0:
                if self._eh:
                    return
                at = cursor.at
                continue
            body, end = cursor.at, cursor.at + length
            if end > len(self._data):
                raise DamageError
            pointer = cursor.offset(wide and not self._eh)
            if not self._is_common(pointer, wide):
                function = self._function(cursor, body - pointer if self._eh else pointer, end)
                if function is not None:
                    functions.append(function)
            at = end

    def _is_common(self, pointer: int, wide: bool) -> bool:
        if self._eh:
            return pointer == 0
        return pointer == (_WORD if wide else 0xFFFF_FFFF)

    def _function(self, cursor: Cursor, common_at: int, end: int) -> _Function | None:
        common = self._common(common_at)
        if common is None:
            return None
        low = self._pointer(cursor, common.encoding)
        size = self._pointer(cursor, common.encoding & 0xF)
        if common.augmented:
            cursor.skip(cursor.uleb())
        return _Function(low, low + size, common_at, cursor.at, end)

    def _pointer(self, cursor: Cursor, encoding: int) -> int:
        size = self._word if encoding & 0xF == 0 else _SIZES.get(encoding & 0xF)
        if size is None or encoding & _INDIRECT or encoding & 0x60:
            raise DamageError
        place = self._base + cursor.at
        value = cursor.number(size)
        if encoding & 0x8 and value >> (8 * size - 1):
            value -= 1 << 8 * size
        return (value + place if encoding & _PCREL else value) & _WORD

    # --- common entries ----------------------------------------------------------------------

    def _common(self, at: int) -> _Common | None:
        if at not in self._commons:
            try:
                self._commons[at] = self._read_common(at)
            except DamageError:
                self._commons[at] = None
        return self._commons[at]

    def _read_common(self, at: int) -> _Common:
        cursor = Cursor(self._data, at)
        length, wide = cursor.initial_length()
        end = cursor.at + length
        if end > len(self._data) or not self._is_common(cursor.offset(wide and not self._eh), wide):
            raise DamageError
        version, augmentation = cursor.u8(), cursor.string()
        if version == 4:
            cursor.skip(2)  # address and segment sizes
        elif version not in (1, 3):
            raise DamageError
        code, data = cursor.uleb(), cursor.sleb()
        returns = cursor.u8() if version == 1 else cursor.uleb()
        encoding = 0
        augmented = augmentation.startswith(b"z")
        if augmented:
            size = cursor.uleb()
            start = cursor.at
            encoding = self._encoding(cursor, augmentation)
            cursor.at = start + size
        elif augmentation:
            raise DamageError
        signal = b"S" in augmentation
        return _Common(code, data, returns, encoding, augmented, signal, cursor.at, end)

    def _encoding(self, cursor: Cursor, augmentation: bytes) -> int:
        encoding = 0
        for letter in augmentation[1:]:
            if letter == ord("R"):
                encoding = cursor.u8()
            elif letter == ord("P"):
                self._pointer(cursor, cursor.u8() & ~_INDIRECT)
            elif letter == ord("L"):
                cursor.skip(1)
        return encoding

    # --- programs ----------------------------------------------------------------------------

    def rules(self, address: int) -> Rules | None:
        """The rules at `address`."""
        index = bisect_right(self._lows, address) - 1
        if index < 0 or address >= self._functions[index].high:
            return None
        function = self._functions[index]
        common = self._common(function.common)
        if common is None:
            return None
        try:
            first = _Program(self._data, common, function.low, self._word).run(
                common.start, common.end, _State(None, 0, {}), None
            )
            state = _Program(self._data, common, function.low, self._word, first).run(
                function.start, function.end, first, address
            )
        except DamageError:
            return None
        if state.register is None or any(each.offset == _UNTOLD for each in state.saved.values()):
            return None
        return Rules(state.register, state.offset, state.saved, common.returns)


_UNTOLD = -(1 << 70)
"""An offset that stands for a rule that is not taken in: an expression, another register."""


class _Program:
    """Runs the instructions of one function (DWARF 5, 6.4.2)."""

    def __init__(
        self, data: bytes, common: _Common, low: int, word: int, first: _State | None = None
    ) -> None:
        self._data = data
        self._common = common
        self._location = low
        self._word = word
        self._first = first

    def run(self, start: int, end: int, state: _State, address: int | None) -> _State:
        """The state that holds at `address` (None: after all of it)."""
        cursor = Cursor(self._data[:end], start)
        stack: list[_State] = []
        for _turn in range(_MOST_OPERATIONS):
            if cursor.done:
                return state
            operation = cursor.u8()
            high, low = operation & 0xC0, operation & 0x3F
            if high == 0x40 or 0x01 <= operation <= 0x04:
                self._advance(cursor, operation, high, low)
                if address is not None and self._location > address:
                    return state
            elif high == 0x80:
                state = self._saved(state, low, cursor.uleb() * self._common.data_factor)
            elif high == 0xC0:
                state = self._restored(state, low)
            elif operation == 0x0A:
                if len(stack) >= _DEEPEST:
                    raise DamageError
                stack.append(state)
            elif operation == 0x0B:
                if not stack:
                    raise DamageError
                state = stack.pop()
            else:
                state = self._other(cursor, operation, state)
        raise DamageError

    def _advance(self, cursor: Cursor, operation: int, high: int, low: int) -> None:
        if high:
            delta = low
        elif operation == 0x01:
            self._location = cursor.address(self._word)
            return
        else:
            delta = cursor.number({0x02: 1, 0x03: 2, 0x04: 4}[operation])
        self._location += delta * self._common.code_factor

    def _other(self, cursor: Cursor, operation: int, state: _State) -> _State:
        factor = self._common.data_factor
        match operation:
            case 0x00:
                return state
            case 0x05 | 0x11:  # offset_extended, with a signed operand
                register = cursor.uleb()
                offset = cursor.uleb() if operation == 0x05 else cursor.sleb()
                return self._saved(state, register, offset * factor)
            case 0x06:
                return self._restored(state, cursor.uleb())
            case 0x07:
                return _with(state, cursor.uleb(), Rule(None))
            case 0x08:
                return _without(state, cursor.uleb())
            case 0x09:  # in another register
                register = cursor.uleb()
                cursor.uleb()
                return _with(state, register, Rule(_UNTOLD))
            case 0x0C | 0x12:
                register = cursor.uleb()
                offset = cursor.uleb() if operation == 0x0C else cursor.sleb() * factor
                return state._replace(register=register, offset=offset)
            case 0x0D:
                return state._replace(register=cursor.uleb())
            case 0x0E:
                return state._replace(offset=cursor.uleb())
            case 0x13:
                return state._replace(offset=cursor.sleb() * factor)
            case 0x0F:  # the frame's address by an expression
                cursor.skip(cursor.uleb())
                return state._replace(register=None)
            case 0x10 | 0x16:  # a register by an expression
                register = cursor.uleb()
                cursor.skip(cursor.uleb())
                return _with(state, register, Rule(_UNTOLD))
            case 0x2E:  # GNU_args_size
                cursor.uleb()
                return state
        raise DamageError

    @staticmethod
    def _saved(state: _State, register: int, offset: int) -> _State:
        return _with(state, register, Rule(offset))

    def _restored(self, state: _State, register: int) -> _State:
        first = None if self._first is None else self._first.saved.get(register)
        return _without(state, register) if first is None else _with(state, register, first)


def _with(state: _State, register: int, rule: Rule) -> _State:
    return state._replace(saved={**state.saved, register: rule})


def _without(state: _State, register: int) -> _State:
    saved = {number: rule for number, rule in state.saved.items() if number != register}
    return state._replace(saved=saved)
