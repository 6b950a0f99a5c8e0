"""The run that shows where Unicorn keeps things, done once for each CPU (under a millisecond).

Four instructions in ring 0 on a page of their own: a software interrupt, a fault, a counted run.
Each yields a value that could not be there by chance, and each offset is then checked once more.
"""

import struct
from typing import TYPE_CHECKING

from systui.target.emulator import offsets
from systui.target.emulator.offsets import Offsets, require

if TYPE_CHECKING:
    from systui.target.emulator.cpu import Cpu

_PAGE = 0x5EED_1234_5000
_TABLES = (0x1000, 0x2000, 0x3000, 0x4000)
_FRAME = 0x5000
_INT = bytes.fromhex("90 90 cd77")
_LOAD = bytes.fromhex("90 48a1 0000000000000000")
_NULL_READ = 0


def calibrate(cpu: "Cpu") -> Offsets:
    """Find and prove the offsets for `cpu`, whose memory below 0x6000 is used and cleared."""
    _map_page(cpu)
    cpu.memory[_FRAME : _FRAME + 0x20] = (_INT + _LOAD).ljust(0x20, b"\x90")
    cpu.enter_long_mode(_TABLES[0])
    cpu.plant(offsets.SENTINELS)
    cpu.raw_run(_PAGE, offsets.COUNT)
    after = cpu.save()
    record = offsets.find_interrupt(after, _PAGE + len(_INT))
    found = Offsets(
        counter=offsets.find_counter(cpu.engine, executed=3),
        registers=offsets.find_registers(after),
        error_code=record,
        is_interrupt=record + 4,
        old_exception=offsets.old_exception(record),
    )
    cpu.raw_run(_PAGE + len(_INT), offsets.COUNT)
    _prove(found, cpu)
    cpu.memory[: _FRAME + 0x1000] = bytes(_FRAME + 0x1000)
    return found


def _map_page(cpu: "Cpu") -> None:
    for table, following, shift in zip(
        _TABLES, (*_TABLES[1:], _FRAME), (39, 30, 21, 12), strict=True
    ):
        at = table + (_PAGE >> shift & 0x1FF) * 8
        cpu.memory[at : at + 8] = struct.pack("<Q", following | 0x63)


def _prove(found: Offsets, cpu: "Cpu") -> None:
    context = cpu.save()
    address, error, software, previous, hflags = (
        struct.unpack_from(form, context, at)[0]
        for form, at in (
            ("<Q", found.registers + offsets.CR2),
            ("<i", found.error_code),
            ("<i", found.is_interrupt),
            ("<i", found.old_exception),
            ("<I", found.hflags),
        )
    )
    require((address, error, software, previous) == (_NULL_READ, 0, 0, 14), "fault")
    require(hflags & 0xC0B3 == 0xC0B0, "hflags")
    cs, ss = (struct.unpack_from("<I", context, at)[0] for at in (found.cs, found.ss))
    require((cs, ss) == (cpu.read("cs"), cpu.read("ss")), "segments")
