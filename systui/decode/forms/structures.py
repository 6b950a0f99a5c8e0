"""Structures and lists of numbers: limits, positions, processors, threads, the system."""

from systui.decode.forms.asked import Asked, both, layout, pointer, s32, s64, spelling
from systui.decode.forms.buffers import cut, quoted
from systui.decode.forms.numbers import CLONE, signal_name, size

_LIMITS, _LIMITS_64 = layout("QQ", "II"), layout("QQ")
_SYSTEM = layout("q 3Q 6Q H6x 2Q I4x", "i 3I 6I H2x 2I I8x")
_CLONE_ARGS = layout("8Q")
_SEGMENT = layout("4I")
_NAMES = ("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack", "stack_size", "tls")
_SYSTEM_NAMES = (
    *("totalram", "freeram", "sharedram", "bufferram", "totalswap", "freeswap", "procs"),
    *("totalhigh", "freehigh", "mem_unit"),
)
_MOST = 32
_PROCESSORS = 128
"""Bytes of a set of processors that are shown."""
_COMM = 16


@both("rlimit")
def rlimit(asked: Asked, value: int) -> str | None:
    """struct rlimit; `64`: struct rlimit64."""
    bits = 64 if asked.option == "64" else asked.bits
    found = asked.unpack(_LIMITS_64 if bits == 64 else _LIMITS, value)
    if found is None:
        return None
    return f"{{rlim_cur={size(found[0], bits)}, rlim_max={size(found[1], bits)}}}"


@spelling("length>", filled=True)
def length(asked: Asked, value: int) -> str | None:
    """An address's length: what there was room for, and what came where that is another."""
    raw = asked.read(value, 4)
    return None if raw is None else f"[{s32(int.from_bytes(raw, 'little'))}]"


def _listed(asked: Asked, value: int, count: int, width: int = 4) -> str | None:
    raw = asked.read(value, width * min(count, _MOST))
    if raw is None:
        return None
    pieces = (raw[at : at + width] for at in range(0, len(raw), width))
    numbers = [str(s32(int.from_bytes(piece, "little"))) for piece in pieces]
    return f"[{', '.join([*numbers, '...'] if count > _MOST else numbers)}]"


@both("ints")
def ints(asked: Asked, value: int) -> str | None:
    """As many ints as the option says."""
    return _listed(asked, value, int(asked.option))


@both("ids")
def ids(asked: Asked, value: int) -> str | None:
    """A list of groups."""
    return _listed(asked, value, _how_many(asked))


@both("ids16")
def ids16(asked: Asked, value: int) -> str | None:
    """A list of groups of sixteen bits."""
    return _listed(asked, value, _how_many(asked), 2)


def _how_many(asked: Asked) -> int:
    return asked.other() if asked.option else max(0, asked.result or 0)


@spelling("id16>", filled=True)
def id16(asked: Asked, value: int) -> str | None:
    """Where a number of sixteen bits was put."""
    return _listed(asked, value, 1, 2)


@both("word")
def word(asked: Asked, value: int) -> str | None:
    """A pointer to a pointer or a size: the option `d` has it shown as a number."""
    found = asked.word_at(value)
    if found is None:
        return None
    return f"[{found}]" if asked.option == "d" else f"[{pointer(found)}]"


@both("loff")
def position(asked: Asked, value: int) -> str | None:
    """A position in a file, of 64 bits."""
    raw = asked.read(value, 8)
    return None if raw is None else f"[{s64(int.from_bytes(raw, 'little'))}]"


@both("off")
def old_position(asked: Asked, value: int) -> str | None:
    """A position in a file, of a long."""
    found = asked.word_at(value)
    return None if found is None else f"[{asked.signed(found)}]"


@both("processors")
def processors(asked: Asked, value: int) -> str | None:
    """A set of processors: `[0 1]`; the option says where its size stands."""
    count = asked.other() & 0xFFFF_FFFF
    raw = asked.read(value, min(count, _PROCESSORS)) if count else b""
    if raw is None:
        return None
    bits = int.from_bytes(raw, "little")
    numbers = [str(bit) for bit in range(bits.bit_length()) if bits >> bit & 1]
    return f"[{' '.join([*numbers, '...'] if count > _PROCESSORS else numbers)}]"


@spelling("resident>", filled=True)
def resident(asked: Asked, value: int) -> str | None:
    """mincore's: one for each page that is there."""
    count = (asked.values[1] + 4095) // 4096
    raw = asked.read(value, min(count, _MOST))
    if raw is None:
        return None
    shown = [str(each & 1) for each in raw]
    return f"[{', '.join([*shown, '...'] if count > _MOST else shown)}]"


@spelling("sysinfo>", filled=True)
def system(asked: Asked, value: int) -> str | None:
    """struct sysinfo."""
    found = asked.unpack(_SYSTEM, value)
    if found is None:
        return None
    uptime, *rest = found
    parts = [f"uptime={uptime}", f"loads=[{', '.join(map(str, rest[:3]))}]"]
    parts += [f"{name}={each}" for name, each in zip(_SYSTEM_NAMES, rest[3:], strict=True)]
    return f"{{{', '.join(parts)}}}"


@both("segment")
def segment(asked: Asked, value: int) -> str | None:
    """struct user_desc: a segment of a thread's own (arch/x86/include/uapi/asm/ldt.h)."""
    found = asked.unpack(_SEGMENT, value)
    if found is None:
        return None
    entry, base, limit, bits = found
    parts = [f"entry_number={s32(entry)}", f"base_addr={base:#x}".replace("=0x0", "=0")]
    parts += [f"limit={limit:#08x}", f"seg_32bit={bits & 1}", f"contents={bits >> 1 & 3}"]
    names = ("read_exec_only", "limit_in_pages", "seg_not_present", "useable")
    parts += [f"{name}={bits >> at & 1}" for at, name in enumerate(names, 3)]
    return f"{{{', '.join(parts)}}}"


@spelling("clone_args>", filled=True)
def clone_args(asked: Asked, value: int) -> str | None:
    """clone3's structure, and what it filled in."""
    found = asked.unpack(_CLONE_ARGS, value)
    if found is None:
        return None
    given = dict(zip(_NAMES, found, strict=True))
    parts = [f"flags={CLONE.text(given['flags'])}"]
    if given["flags"] & 0x0120_0000:
        parts.append(f"child_tid={pointer(given['child_tid'])}")
    if given["flags"] & 0x0010_0000:
        parts.append(f"parent_tid={pointer(given['parent_tid'])}")
    parts.append(f"exit_signal={signal_name(given['exit_signal'])}")
    parts.append(f"stack={pointer(given['stack'])}, stack_size={given['stack_size']:#x}")
    if given["flags"] & 0x0008_0000:
        parts.append(f"tls={thread_area(asked, given['tls'])}")
    text = f"{{{', '.join(parts).replace('stack_size=0x0', 'stack_size=0')}}}"
    if given["flags"] & 0x0010_0000 and (asked.result or 0) > 0:
        return f"{text} => {{parent_tid=[{asked.result}]}}"
    return text


def thread_area(asked: Asked, value: int) -> str:
    """clone's tls: an address, or a segment's description for 32-bit programs."""
    found = segment(asked, value) if asked.word == 4 and value else None
    return pointer(value) if found is None else found


@both("text")
def fixed_text(asked: Asked, value: int) -> str | None:
    """A string of at most sixteen bytes: a task's name."""
    raw = asked.read(value, _COMM)
    if raw is None:
        return None
    name = raw.split(b"\0")[0]
    return quoted(name[: _COMM - 1]) + "..." if len(name) >= _COMM else cut(name, len(name))
