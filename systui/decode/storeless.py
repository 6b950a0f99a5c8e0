"""Instructions that store nothing, told by their opcodes without decoding them whole.

`access.stores` says where those store that it knows; this is for who must not miss one.

What an instruction stores besides its operands counts, too (what a call pushes), and so does what
only some forms do: an opcode that is not listed may store. Not meant are the accessed and dirty
bits that the CPU keeps in page tables and descriptors, and what an exception pushes: whoever asks
sees one by where the stack pointer went. Opcodes: Intel SDM vol. 2, appendix A.
"""

_PREFIXES = frozenset((0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0xF2, 0xF3, *range(0x40, 0x50)))
"""Segments, operand size, those that choose among opcodes, REX; in 32-bit code INC and DEC of a
register, which store nothing either."""
_TWO_BYTES = 0x0F
_REGISTER_FORM = 0xC0
"""ModRM bytes from here on name a register, smaller ones memory."""

_WITHOUT_MODRM = frozenset(
    (
        *(0x04, 0x05, 0x0C, 0x0D, 0x14, 0x15, 0x1C, 0x1D),  # ADD, OR, ADC, SBB on the accumulator
        *(0x24, 0x25, 0x2C, 0x2D, 0x34, 0x35, 0x3C, 0x3D),  # AND, SUB, XOR, CMP likewise
        *(0xA8, 0xA9),  # TEST
        *range(0x58, 0x60),  # POP
        *range(0x70, 0x80),  # Jcc
        *range(0x90, 0x9A),  # NOP, XCHG with the accumulator, sign extension
        *range(0xB0, 0xC0),  # MOV of a constant
        *(0xC2, 0xC3, 0xE9, 0xEB),  # RET, JMP
        *(0xF5, 0xF8, 0xF9, 0xFA, 0xFB, 0xFC, 0xFD),  # flags
        *(0x0F31, 0x0F32, 0x0FA2),  # RDTSC, RDMSR, CPUID
        *range(0x0F80, 0x0F90),  # Jcc
        *range(0x0FC8, 0x0FD0),  # BSWAP
    )
)

_ALL, _NONE = 0xFF, 0
_WITH_MODRM = {
    **dict.fromkeys((0x00, 0x01, 0x08, 0x09, 0x10, 0x11, 0x18, 0x19), _NONE),
    **dict.fromkeys((0x20, 0x21, 0x28, 0x29, 0x30, 0x31, 0x86, 0x87, 0x88, 0x89), _NONE),
    **dict.fromkeys((0x02, 0x03, 0x0A, 0x0B, 0x12, 0x13, 0x1A, 0x1B), _ALL),
    **dict.fromkeys((0x22, 0x23, 0x2A, 0x2B, 0x32, 0x33), _ALL),
    **dict.fromkeys((0x38, 0x39, 0x3A, 0x3B, 0x84, 0x85), _ALL),  # CMP, TEST
    **dict.fromkeys((0x69, 0x6B, 0x8A, 0x8B, 0x8D), _ALL),  # IMUL, MOV, LEA
    **dict.fromkeys((0x80, 0x81, 0x83), 1 << 7),  # arithmetic with a constant: CMP only compares
    **dict.fromkeys((0xC0, 0xC1, 0xD0, 0xD1, 0xD2, 0xD3, 0xC6, 0xC7), _NONE),  # shifts, MOV
    **dict.fromkeys((0xF6, 0xF7), _ALL & ~(1 << 2 | 1 << 3)),  # all but NOT and NEG
    **dict.fromkeys((0x0F0D, 0x0F18, 0x0F1E, 0x0F1F), _ALL),  # prefetches, ENDBR64, NOP
    **dict.fromkeys(range(0x0F40, 0x0F50), _ALL),  # CMOVcc
    **dict.fromkeys(range(0x0F90, 0x0FA0), _NONE),  # SETcc
    **dict.fromkeys((0x0FA3, 0x0FAF, 0x0FBC, 0x0FBD), _ALL),  # BT, IMUL, BSF, BSR
    **dict.fromkeys((0x0FB6, 0x0FB7, 0x0FBE, 0x0FBF), _ALL),  # MOVZX, MOVSX
    0x0F00: 1 << 4 | 1 << 5,  # VERR, VERW
    0x0FBA: 1 << 4,  # BT with a constant; BTS, BTR and BTC store
    0x0FAE: _NONE,  # fences, RDFSBASE and the like; the memory forms save state
}
"""Opcodes to the ModRM.reg fields (a bit each) with which a memory operand is only read; with a
register in its place none of them stores."""
_SWAPGS = b"\x0f\x01\xf8"


def is_storeless(code: bytes) -> bool:
    """Whether the instruction that `code` begins with is known to store nothing in memory."""
    at = 0
    while at < len(code) and code[at] in _PREFIXES:
        at += 1
    if code.startswith(_SWAPGS, at):
        return True
    opcode = code[at] if at < len(code) else None
    if opcode == _TWO_BYTES and at + 1 < len(code):
        at += 1
        opcode = _TWO_BYTES << 8 | code[at]
    if opcode in _WITHOUT_MODRM:
        return True
    if opcode not in _WITH_MODRM or at + 1 >= len(code):
        return False
    modrm = code[at + 1]
    return modrm >= _REGISTER_FORM or bool(_WITH_MODRM[opcode] >> (modrm >> 3 & 7) & 1)
