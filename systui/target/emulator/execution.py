"""execve in the emulator: the checks and the loading of a first program, for any later one."""

from systui.model.errors import BadInputError
from systui.services.errors import EINVAL, ENOENT, ENOEXEC, ENOMEM, Refused
from systui.services.memory import AddressSpace
from systui.services.options import SystemOptions
from systui.services.system import System
from systui.services.vfs import ROOT
from systui.target.emulator import elf, loader
from systui.target.emulator.frames import OutOfFramesError
from systui.target.emulator.paging import OutOfTablesError


class ExecLoader:
    """`systui.services.ports.Loader`."""

    def __init__(self, system: System, options: SystemOptions) -> None:
        self._system = system
        self._options = options

    def __call__(
        self,
        memory: AddressSpace,
        image: bytes,
        path: str,
        arguments: list[str],
        environment: list[str],
        ids: tuple[int, int],
    ) -> tuple[int, int, int]:
        """Entry point, stack pointer and bits of its code.

        Refused(ENOEXEC and others) where it is no program.
        """
        try:
            program = elf.parse(path, image, self._options.memory)
        except BadInputError:
            raise Refused(ENOEXEC) from None
        invocation = loader.Invocation(
            path, arguments, environment, self._options.seed, *ids, self._options.narrow
        )
        try:
            loaded = loader.load(memory, program, invocation, self._interpreter)
        except (BadInputError, OutOfFramesError, OutOfTablesError):
            raise Refused(ENOMEM) from None
        return loaded.entry, loaded.stack, loaded.bits

    def _interpreter(self, name: str) -> elf.Program:
        files = self._system.files
        content = files.get(files.find(self._system.task, ROOT, name)).content
        if content is None:
            raise Refused(ENOENT)
        try:
            return elf.parse(name, content.read(0, elf.LARGEST_FILE), self._options.memory)
        except BadInputError:
            raise Refused(EINVAL) from None
