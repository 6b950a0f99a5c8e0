"""What single instructions of entry code do to what is known."""

from systui.arch.i386 import I386
from systui.decode.disassembly import Disassembler
from systui.kernel.transfer import transfer
from systui.kernel.values import Constant, Pointer, State, User, Value, Where, Word

AT = 0xC100_0000
COPY = "f3 a5"  # rep movsl


def test_a_copy_of_more_words_than_there_are() -> None:
    operation = Disassembler(32).operation(AT, bytes.fromhex(COPY))
    assert operation is not None
    known: dict[Where, Word] = {
        Pointer(0, at): Word(User(name), AT) for at, name in ((0, "ebx"), (8, "edx"))
    }
    outside: dict[Where, Word] = {
        Pointer(0, -4): Word(User("ecx"), AT),
        Pointer(7, 0): Word(User("esi"), AT),
    }
    registers: dict[str, Value] = {
        "ecx": Constant(1 << 60),
        "esi": Pointer(0, 0),
        "edi": Pointer(9, 0x100),
    }
    after = transfer(operation, State(registers, {**known, **outside}, arch=I386))
    copied = {
        where: word
        for where, word in after.memory.items()
        if isinstance(where, Pointer) and where.base == 9
    }
    assert copied == {
        Pointer(9, 0x100): Word(User("ebx"), AT),
        Pointer(9, 0x108): Word(User("edx"), AT),
    }
