"""Reading and writing the program's memory by C's types. Everything may raise UserFault."""

from struct import Struct

from systui.services.errors import EFAULT, ENAMETOOLONG, Refused
from systui.services.memory import PAGE, TASK_SIZE
from systui.services.ports import Pager

PATH_MAX = 4096
_U32 = Struct("<I")
_U64 = Struct("<Q")


class UserMemory:
    """One address space as a call sees it."""

    def __init__(self, pager: Pager) -> None:
        self._pager = pager
        self.trying = False
        """A call is only tried: nothing is stored."""

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes; the caller bounds `size`."""
        if size == 0:
            return b""
        self.check_range(address, size)
        return self._pager.read(address, size)

    def write(self, address: int, data: bytes) -> None:
        """Store `data`."""
        if data:
            self.check_range(address, len(data))
            if not self.trying:
                self._pager.write(address, data)

    @staticmethod
    def check_range(address: int, size: int) -> None:
        """Refused(EFAULT) where the range leaves user space: access_ok() in the kernel."""
        if address > TASK_SIZE or size > TASK_SIZE - address:
            raise Refused(EFAULT)

    def u32(self, address: int) -> int:
        """An unsigned int."""
        value: int = _U32.unpack(self.read(address, 4))[0]
        return value

    def s32(self, address: int) -> int:
        """An int."""
        value = self.u32(address)
        return value - (1 << 32) if value >> 31 else value

    def u64(self, address: int) -> int:
        """An unsigned long."""
        value: int = _U64.unpack(self.read(address, 8))[0]
        return value

    def unpack(self, layout: Struct, address: int) -> tuple[int, ...]:
        """A structure of integers."""
        return layout.unpack(self.read(address, layout.size))

    def put_u32(self, address: int, value: int) -> None:
        """Store an int."""
        self.write(address, _U32.pack(value & 0xFFFF_FFFF))

    def put_u64(self, address: int, value: int) -> None:
        """Store a long."""
        self.write(address, _U64.pack(value & 0xFFFF_FFFF_FFFF_FFFF))

    def string(self, address: int, limit: int) -> bytes | None:
        """The bytes before a NUL; None when there is none within `limit` bytes."""
        data = b""
        while len(data) < limit:
            at = address + len(data)
            piece = self.read(at, min(limit - len(data), PAGE - at % PAGE))
            end = piece.find(b"\0")
            if end >= 0:
                return data + piece[:end]
            data += piece
        return None

    def path(self, address: int) -> str:
        """A file name; Refused(ENAMETOOLONG) from 4096 bytes on."""
        data = self.string(address, PATH_MAX)
        if data is None:
            raise Refused(ENAMETOOLONG)
        return data.decode("utf-8", "surrogateescape")
