"""Reads what the tests ask of a kernel image: bytes by address, symbols, instructions by line."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import capstone
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

SHF_ALLOC = 2


@dataclass(frozen=True)
class Line:
    """One instruction and the source line it is from."""

    address: int
    mnemonic: str
    operands: str
    file: str | None
    number: int | None


class Kernel:
    """An image, read whole."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            elf = ELFFile(stream)
            self.segments = [
                (segment["p_vaddr"], segment["p_paddr"], segment["p_flags"], segment.data())
                for segment in elf.iter_segments("PT_LOAD")
            ]
            self.loaded = {
                section.name: (section["sh_addr"], section.data())
                for section in elf.iter_sections()
                if section["sh_flags"] & SHF_ALLOC
            }
            table = elf.get_section_by_name(".symtab")
            assert isinstance(table, SymbolTableSection)
            self.symbols = {
                symbol.name: symbol["st_value"] for symbol in table.iter_symbols() if symbol.name
            }
            self.sizes = {symbol.name: symbol["st_size"] for symbol in table.iter_symbols()}
            comment = elf.get_section_by_name(".comment")
            assert comment is not None
            self.compiler = comment.data().strip(b"\0").decode()
            self.rows = _rows(elf)

    def read(self, address: int, size: int) -> bytes:
        """Bytes of the file-backed part of a segment."""
        for start, _physical, _flags, data in self.segments:
            if start <= address and address + size <= start + len(data):
                return bytes(data[address - start : address - start + size])
        raise AssertionError(f"{address:#x} is in no segment")

    def s32(self, address: int) -> int:
        """A signed 32-bit word."""
        return int.from_bytes(self.read(address, 4), "little", signed=True)

    @cached_property
    def by_address(self) -> dict[int, list[str]]:
        """Names of each address that has any."""
        names: dict[int, list[str]] = {}
        for name, address in self.symbols.items():
            names.setdefault(address, []).append(name)
        return names

    def instructions(self, start: str, end: str) -> list[Line]:
        """The instructions from one symbol to another, padding left out."""
        address, stop = self.symbols[start], self.symbols[end]
        decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
        decoder.syntax = capstone.CS_OPT_SYNTAX_ATT
        found = []
        for instruction in decoder.disasm(self.read(address, stop - address), address):
            file, number = self.rows.get(instruction.address, (None, None))
            padding = "nop" in instruction.mnemonic or not any(instruction.bytes)
            if number is None and padding:
                continue
            found.append(
                Line(instruction.address, instruction.mnemonic, instruction.op_str, file, number)
            )
        return found


def _rows(elf: ELFFile) -> dict[int, tuple[str, int]]:
    """File and line of each address at which a row of the line table starts."""
    found: dict[int, tuple[str, int]] = {}
    dwarf = elf.get_dwarf_info(relocate_dwarf_sections=False)
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        assert program is not None
        header = program.header
        for entry in program.get_entries():
            state = entry.state
            if state is None or state.end_sequence:
                continue
            file = header["file_entry"][state.file - 1]
            folder = header["include_directory"][file.dir_index - 1] if file.dir_index else b"."
            found[state.address] = (f"{folder.decode()}/{file.name.decode()}", state.line)
    return found
