"""i386 as an architecture: its frame, its registers in decoded operands, 32-bit stores."""

from systui.arch import BY_NAME
from systui.arch.i386 import I386
from systui.decode.access import effective_address, stores
from systui.decode.disassembly import Disassembler
from systui.decode.errno import answered
from systui.kernel.transfer import transfer
from systui.kernel.values import Pointer, State
from systui.model.operation import Flow, RegisterOperand

AT = 0xC100_0000


def test_the_frame_has_seventeen_words() -> None:
    layout = I386.pt_regs
    assert BY_NAME["i386"] is I386
    assert (len(layout.fields), layout.size, layout.word) == (17, 68, 4)
    assert layout.offsets["bx"] == 0
    assert layout.offsets["orig_ax"] == 44
    assert layout.offsets["ss"] == 64
    assert I386.holder["flags"] == "eflags"


def test_operands_have_the_names_of_the_machine() -> None:
    push = bytes.fromhex("50")
    native = Disassembler(32).operation(AT, push)
    compat = Disassembler(32, 64).operation(AT, push)
    assert native is not None
    assert compat is not None
    for operation, register in ((native, "eax"), (compat, "rax")):
        assert isinstance(operation.source, RegisterOperand)
        assert operation.source.register == register
        assert operation.source.name == "eax"


def test_the_ways_in_and_out_are_told() -> None:
    codes = {"cd80": Flow.INTERRUPT, "0f34": Flow.SYSCALL, "cf": Flow.IRET, "0f35": Flow.SYSRET}
    for code, flow in codes.items():
        operation = Disassembler(32).operation(AT, bytes.fromhex(code))
        assert operation is not None
        assert operation.flow is flow


def test_a_jump_wraps_at_four_gibibytes() -> None:
    operation = Disassembler(32).operation(0xFFFF_FFF0, bytes.fromhex("e90b000000"))
    assert operation is not None
    assert operation.instruction.target == 0


def test_a_push_stores_four_bytes() -> None:
    operation = Disassembler(32).operation(AT, bytes.fromhex("6aff"))
    assert operation is not None
    (store,) = stores(operation, {"esp": 0x1000}, I386)
    assert store[:3] == (0xFFC, 4, 0xFFFF_FFFF)
    after = transfer(operation, State({"esp": Pointer(0, 0)}, {}, arch=I386))
    assert after.top == Pointer(0, -4)


def test_addresses_have_thirty_two_bits() -> None:
    for code, address in (("a144e4e8cb", 0xCBE8_E444), ("64a10810e8cb", 0xCFD4_5008)):
        operation = Disassembler(32).operation(AT, bytes.fromhex(code))
        assert operation is not None
        assert operation.memory is not None
        at = effective_address(operation.memory, {"fs_base": 0x3EC_4000}, I386)
        assert at == address


def test_what_a_call_gives_is_negative_only_as_an_error() -> None:
    assert answered(0xFFFF_FFFE, 32) == -2
    assert answered(0xB7FF_B000, 32) == 0xB7FF_B000
    assert answered(0xFFFF_FFFF_B7FF_B000) < 0
