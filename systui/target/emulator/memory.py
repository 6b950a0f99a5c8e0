"""Memory as the debugger sees it: reading touches nothing, writing minds no protection."""

from systui.model.stop import Space
from systui.target.emulator.machine import Machine


class Memory:
    """One machine's memory by space."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def read(self, space: Space, address: int, size: int) -> bytes | None:
        """`size` bytes, or None where not all of them are mapped."""
        machine = self._machine
        if size < 0 or address < 0:
            return None
        if space is Space.PHYSICAL:
            memory = machine.cpu.memory
            return memory[address : address + size] if address + size <= len(memory) else None
        if address < machine.mmu.kernel_half:
            return machine.pages.peek(address, size)
        return machine.mmu.read(address, size, self._table(space))

    def write(self, space: Space, address: int, data: bytes) -> bool:
        """Store `data`; False where not all of it is mapped."""
        machine = self._machine
        if space is Space.PHYSICAL:
            return self._write_physical(address, data)
        if address < machine.mmu.kernel_half:
            return machine.pages.poke(address, data)
        done = machine.mmu.write(address, data, self._table(space))
        machine.cpu.flush_blocks()
        return done

    def _write_physical(self, address: int, data: bytes) -> bool:
        machine = self._machine
        if address + len(data) > len(machine.cpu.memory):
            return False
        at = 0
        while at < len(data):
            offset = (address + at) % 0x1000
            part = data[at : at + 0x1000 - offset]
            machine.mmu.write_frame(address + at - offset, offset, part)
            at += len(part)
        machine.cpu.flush_blocks()
        return True

    def _table(self, space: Space) -> int:
        """USER looks through what user code runs on, KERNEL through everything."""
        mmu = self._machine.mmu
        return mmu.user_root if space is Space.USER else mmu.kernel_root
