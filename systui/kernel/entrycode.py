"""Entry code walked from where the CPU arrives, up to where it hands over to C."""

from functools import cached_property

from systui.arch.spec import Architecture
from systui.kernel import spellings
from systui.kernel.arrival import Arrival, Entry, by_gate, by_instruction, frame_moved
from systui.kernel.dispatch import dispatches
from systui.kernel.door import Door
from systui.kernel.listing import Listing
from systui.kernel.placed import PlacedKernel
from systui.kernel.values import State
from systui.kernel.walk import Rules, Walk, returned, walk
from systui.model.operation import Flow, Operation


class EntryCode:
    """Opens the doors of one kernel, whose code `listing` gives."""

    def __init__(self, kernel: PlacedKernel, listing: Listing, arch: Architecture) -> None:
        self._kernel = kernel
        self._listing = listing
        self._arch = arch

    def door(self, entry: int, known: Entry | None, *, from_user: bool) -> Door | None:
        """The way that begins at `entry`; None where it is no way in or not understood.

        `known` says how the calls arrive there, if any do.
        """
        state = self._arrival(entry, known, from_user)
        if state is None:
            return None
        calls: dict[int, Operation] = {}

        def stops(operation: Operation, state: State) -> bool:
            if not self._is_c_call(operation, state):
                return False
            calls[operation.instruction.address] = operation
            return True

        rules = Rules(self._call, self._kernel.dispatch_names.return_thunks, self._is_tail_call)
        inward = walk(self._listing, [(entry, state)], rules._replace(stops=stops))
        if not calls:
            return None
        if self._table_calls(inward):
            inward = self._to_table_calls(entry, state, rules)
            calls = {each.instruction.address: each for each in self._table_calls(inward)}
        call = calls[min(calls)]
        return Door(entry, call, inward, self._listing, self._arch, rules)

    def _table_calls(self, way: Walk) -> list[Operation]:
        """The calls of handlers that the entry's own code makes."""
        operations = ((self._listing.operation(at), state) for at, state in way.states.items())
        return [
            operation
            for operation, state in operations
            if operation is not None
            and operation.flow is Flow.CALL
            and dispatches(operation, state, self._kernel.dispatch_names)
        ]

    def _to_table_calls(self, entry: int, state: State, rules: Rules) -> Walk:
        """The way up to them, over C functions that are called before (tracing), not around."""

        def stops(operation: Operation, state: State) -> bool:
            return operation.flow is Flow.CALL and dispatches(
                operation, state, self._kernel.dispatch_names
            )

        way = walk(self._listing, [(entry, state)], rules._replace(stops=stops))
        return way.towards(each.instruction.address for each in self._table_calls(way))

    def _arrival(self, entry: int, known: Entry | None, from_user: bool) -> State | None:
        """What the CPU leaves behind when it arrives at `entry`."""
        if known is not None and known.arrival is not Arrival.GATE:
            return by_instruction(self._arch, known.arrival)
        symbol = self._kernel.symbol(entry)
        if known is None and (symbol is None or not self._kernel.is_exception(entry)):
            return None
        coded = symbol is not None and symbol.name in spellings.WITH_ERROR_CODE
        return by_gate(self._arch, from_user=from_user, coded=coded)

    def _is_c_call(self, operation: Operation, state: State) -> bool:
        """Whether the entry hands over to C here: by name, else the first call out of it."""
        target = operation.instruction.target
        if operation.flow is not Flow.CALL:
            return False
        if target is None:
            return not state.returns
        if target in self._c_entries:  # a C function's first part may lie among the entry code
            return True
        if target in self._kernel.entry_text:
            return False
        return not state.returns and target not in self._movers

    @cached_property
    def _c_entries(self) -> frozenset[int]:
        return self._kernel.addresses(spellings.C_ENTRIES)

    @cached_property
    def _movers(self) -> frozenset[int]:
        return self._kernel.addresses(spellings.FRAME_MOVERS)

    def _call(self, operation: Operation, state: State) -> State | None:
        """How a walk of entry code takes a call: into entry code, over everything else."""
        target = operation.instruction.target
        if target is not None and target in self._kernel.entry_text:
            return None
        if target in self._movers:
            return frame_moved(self._arch, operation, state)
        return returned(operation, state)

    def _is_tail_call(self, target: int) -> bool:
        return (
            bool(self._kernel.entry_text)
            and target not in self._kernel.entry_text
            and target not in self._outlying
        )

    @cached_property
    def _outlying(self) -> frozenset[int]:
        return self._kernel.addresses(spellings.OUTLYING)
