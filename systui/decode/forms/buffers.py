"""Strings and buffers in the caller's memory."""

from systui.decode.forms.asked import SHORT, SHOWN, Asked, both, layout, pointer, spelling

_PAGE = 4096
_ESCAPES = {9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
_VECTOR = layout("QQ", "II")
_MOST = 64


def quoted(raw: bytes) -> str:
    """Bytes as C spells them, unprintable ones in octal, as short as can be."""
    parts = []
    for index, byte in enumerate(raw):
        if byte in _ESCAPES:
            parts.append(_ESCAPES[byte])
        elif 32 <= byte < 127:
            parts.append(chr(byte))
        else:
            digit_follows = index + 1 < len(raw) and 48 <= raw[index + 1] <= 57
            parts.append(f"\\{byte:03o}" if digit_follows else f"\\{byte:o}")
    return '"' + "".join(parts) + '"'


def cut(raw: bytes, size: int, shown: int = SHOWN) -> str:
    """A buffer of `size` bytes, of which `raw` is the beginning; `shown` are told at most."""
    return quoted(raw[:shown]) + ("..." if size > shown else "")


def string_at(asked: Asked, address: int, longest: int = _PAGE) -> bytes | None:
    """The bytes before a NUL; None where it cannot be read."""
    found = b""
    while len(found) < longest:
        at = address + len(found)
        piece = asked.read(at, min(_PAGE - at % _PAGE, longest - len(found)))
        if piece is None:
            return None
        end = piece.find(0)
        if end >= 0:
            return found + piece[:end]
        found += piece
    return found


@both("path")
def path(asked: Asked, value: int) -> str | None:
    """A whole string, or its beginning where spellings are short."""
    longest = SHORT + 1 if asked.short else _PAGE
    raw = string_at(asked, value, longest)
    return None if raw is None else cut(raw, len(raw), longest - 1)


@both("buf")
def buffer(asked: Asked, value: int) -> str | None:
    """As many bytes as another argument says, or the result."""
    count = asked.other()
    if asked.option == "ret":
        count = min(count, asked.values[2])
    raw = asked.read(value, min(count, asked.shown)) if count else b""
    return None if raw is None else cut(raw, count, asked.shown)


@spelling("link>", filled=True)
def link(asked: Asked, value: int) -> str | None:
    """readlink's answer."""
    length = max(0, asked.result or 0)
    raw = asked.read(value, min(length, asked.shown))
    return None if raw is None else cut(raw, length, asked.shown)


@spelling("random>", filled=True)
def random(asked: Asked, value: int) -> str | None:
    """Random bytes: in hexadecimal."""
    count = asked.other()
    raw = asked.read(value, min(count, SHOWN))
    if raw is None:
        return None
    text = "".join(f"\\x{byte:02x}" for byte in raw)
    return f'"{text}"' + ("..." if count > SHOWN else "")


@spelling("strings")
def strings(asked: Asked, value: int) -> str | None:
    """execve's arguments."""
    found: list[str] = []
    while len(found) < SHOWN:
        where = asked.word_at(value + asked.word * len(found))
        if where is None:
            return None
        if not where:
            break
        raw = string_at(asked, where, SHORT if asked.short else _PAGE)
        if raw is None:
            return None
        found.append(cut(raw, len(raw)))
    return f"[{', '.join(found)}]"


@spelling("variables")
def variables(asked: Asked, value: int) -> str | None:
    """execve's environment: how many there are."""
    count = 0
    while count < _PAGE:
        where = asked.word_at(value + asked.word * count)
        if where is None:
            return None
        if not where:
            break
        count += 1
    return f"{value:#x} /* {count} var{'' if count == 1 else 's'} */"


@spelling("iovec")
def vector(asked: Asked, value: int) -> str | None:
    """Buffers in pieces."""
    return vector_of(asked, value, asked.other(), None)


@spelling("iovec>", filled=True)
def vector_filled(asked: Asked, value: int) -> str | None:
    """Buffers in pieces; what was read fills them one after the other."""
    return vector_of(asked, value, asked.other(), max(0, asked.result or 0))


def vector_of(asked: Asked, address: int, count: int, left: int | None) -> str | None:
    """`count` pieces from `address` on; of their bytes `left` hold anything, None: all."""
    found: list[str] = []
    for index in range(min(count, _MOST)):
        piece = asked.unpack(_VECTOR, address + index * asked.form(_VECTOR).size)
        if piece is None:
            if not found:
                return None
            found.append(f"... /* {address + index * asked.form(_VECTOR).size:#x} */")
            break
        base, length = piece
        there = length if left is None else min(left, length)
        left = None if left is None else left - there
        raw = asked.read(base, min(there, SHOWN)) if there else b""
        if left is not None and asked.failed:
            raw = None
        text = pointer(base) if raw is None else cut(raw, there)
        found.append(f"{{iov_base={text}, iov_len={length}}}")
    else:
        found += ["..."] if count > _MOST else []
    return f"[{', '.join(found)}]"
