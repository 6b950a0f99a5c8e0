"""User memory with room for structures in their 64-bit form, which exist only during one call.

A 32-bit call's structures are rewritten there, so that the same function serves both; Linux once
did so on the user's stack (compat_alloc_user_space).
"""

from systui.services.errors import EFAULT, Refused
from systui.services.memory import TASK_SIZE
from systui.services.user import UserMemory

BASE = TASK_SIZE + (1 << 40)
"""Where no program has memory."""


class Scratch(UserMemory):
    """The program's memory, and beyond it what was put there."""

    def __init__(self, user: UserMemory) -> None:
        self._user = user
        self._kept = bytearray()

    def keep(self, data: bytes) -> int:
        """Room that holds `data`; its address."""
        at = len(self._kept)
        self._kept += data + bytes(-len(data) % 16)
        return BASE + at

    def read(self, address: int, size: int) -> bytes:
        """As of the program's memory, or what was kept."""
        if address < BASE:
            return self._user.read(address, size)
        return bytes(self._kept[self._place(address, size)])

    def write(self, address: int, data: bytes) -> None:
        """Into the program's memory, or over what was kept."""
        if address < BASE:
            self._user.write(address, data)
        else:
            self._kept[self._place(address, len(data))] = data

    def _place(self, address: int, size: int) -> slice:
        at = address - BASE
        if at + size > len(self._kept):
            raise Refused(EFAULT)
        return slice(at, at + size)
