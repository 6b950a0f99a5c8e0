"""Coming to a wanted call where not every call may be stopped at: a guest behind a gdbstub.

A stop at the kernel's entry costs such a guest thousands of times what the call does. So armed are
the program's own instructions that can make the wanted call, where the program is known, and the
call's handler, which nothing else reaches. A call that is met only at its handler has run its entry
already: the walk begins there, and says so.
"""

from collections.abc import Callable, Iterator

from systui.follow.call import CallSpec
from systui.follow.making import came_from, sites
from systui.kernel.view import KernelView
from systui.model.call import SyscallRow
from systui.model.errors import BadInputError
from systui.model.frame import PtRegs
from systui.session.debugger import Debugger
from systui.words import _

_PATIENCE = 16
"""Other calls met at an instruction before it is given up: it is the busy one."""


class Search:
    """Looks for `call`, counted from where the debugger stands.

    `check` looks at each stop and raises where the way must end; `run` may be called again then,
    and goes on counting. BadInputError where nothing can be armed.
    """

    def __init__(self, debugger: Debugger, call: CallSpec, check: Callable[[], None]) -> None:
        self._debugger = debugger
        self._call = call
        self._check = check
        self._handlers = set(_handlers(debugger.kernel, call))
        self._patience = dict.fromkeys(sites(debugger, call), _PATIENCE)
        self._counted: tuple[int, int] | None = None
        """Task and site of the call counted last, which its handler must not count again."""
        self._seen = 0
        if not self._handlers and not self._patience:
            raise BadInputError(
                _(
                    "call {call} has no handler of its own to wait at: "
                    "name the program that makes it with --program"
                ).format(call=call)
            )

    def run(self) -> bool:
        """Stand at the user's instruction of the call, or, where it was not known, at its handler.

        Returns whether the call is seen from its beginning.
        """
        debugger = self._debugger
        while True:
            if debugger.stop.pc in self._patience and self._at_site(debugger.stop.pc):
                return True
            if debugger.stop.pc in self._handlers and self._at_handler():
                return False
            debugger.run_to({*self._patience, *self._handlers}, anyone=True)
            self._check()

    def _at_site(self, site: int) -> bool:
        """Whether the wanted call is about to be made."""
        convention = self._debugger.convention
        registers = self._debugger.target.registers()
        number, first = (
            registers.get(each) for each in (convention.number, convention.arguments[0])
        )
        if number is None or not self._call.matches(convention.abi, number, first):
            self._patience[site] -= 1
            if not self._patience[site]:
                del self._patience[site]
            return False
        self._seen += 1
        self._counted = self._debugger.stop.task.pid, site
        return self._seen == self._call.occurrence

    def _at_handler(self) -> bool:
        """Whether the wanted call is under way; arms where it came from for its next one."""
        debugger = self._debugger
        frame = debugger.snapshot().frame
        after = None if frame is None else frame.slot("ip").value
        site = None if after is None else came_from(debugger, after)
        here = debugger.stop.task.pid, site or 0
        counted, self._counted = self._counted, None
        if here == counted or not (frame is None or self._is_wanted(frame)):
            return False
        if site is not None:
            self._patience.setdefault(site, _PATIENCE)
        self._seen += 1
        return self._seen == self._call.occurrence

    def _is_wanted(self, frame: PtRegs) -> bool:
        """Whether the handler was called for the wanted call, as pt_regs tells."""
        arch, call = self._debugger.kernel.arch, self._call
        if call.selector is None:
            return True
        fields = {register: field for field, register in arch.pt_regs.registers}
        first = frame.slot(fields[arch.convention(call.abi).arguments[0]]).value
        number = frame.slot("orig_ax").value
        return number is None or call.matches(call.abi, number, first)


def _handlers(kernel: KernelView, call: CallSpec) -> Iterator[int]:
    """Where the handlers of `call` begin: a sub-call has one of its own and a common one."""
    for number in (call.number, call.direct):
        row = None if number is None else kernel.calls(call.abi).by_number(number)
        if row is not None:
            yield from _handler(kernel, row, call.abi)


def _handler(kernel: KernelView, row: SyscallRow, abi: str) -> Iterator[int]:
    names = [row.symbol] if row.symbol else list(_handler_names(row, abi))
    for name in names:
        symbol = None if name is None else kernel.image.symbol(name)
        if symbol is not None and symbol.address + kernel.slide not in _shared(kernel):
            yield symbol.address + kernel.slide
            return


def _handler_names(row: SyscallRow, abi: str) -> Iterator[str | None]:
    """What a kernel may call the handler: the newest way first."""
    if abi == "i386":
        yield from (f"__ia32_{each}" for each in (row.compat, row.entry) if each)
        yield row.compat
    else:
        yield f"__x64_{row.entry}"
    yield row.entry


def _shared(kernel: KernelView) -> frozenset[int]:
    """The handlers of numbers that have none: they tell nothing of the call."""
    return kernel.path.missing_handlers
