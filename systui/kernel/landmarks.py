"""The landmarks of a system call's way: which place on it bears which name."""

from collections.abc import Iterable, Iterator
from itertools import islice

from systui.kernel import spellings
from systui.kernel.arrival import Arrival, Entry
from systui.kernel.dispatch import Dispatch
from systui.kernel.door import Door
from systui.kernel.listing import Listing
from systui.kernel.placed import PlacedKernel
from systui.kernel.values import Pointer, Value
from systui.kernel.walk import Walk
from systui.model.call import Landmark, Phase
from systui.model.operation import Flow, RegisterOperand

REQUIRED = (
    *("entry", "kernel_stack", "frame_complete", "do_syscall", "dispatch", "exit_work"),
    *("restore", "sysret_path", "iret_path", "sysret", "iret"),
)
"""Landmarks that the way of `syscall` is understood by; `EntryPath.missing` names the others."""
_ONLY_BY_SYSCALL = ("kernel_stack", "sysret_path", "iret_path", "sysret")
"""Those that a gate has no use for: the CPU itself changes stacks, and only IRET leads back."""
_ONLY_IN_C = ("do_syscall", "exit_work")
"""Those that an entry lacks which calls the handler itself."""


def landmarks(
    kernel: PlacedKernel, listing: Listing, door: Door, dispatch: Dispatch | None
) -> dict[int, Landmark]:
    """Those behind `door` that have an address of their own; where two meet, the first counts."""
    found = dict[int, Landmark]()
    for name, phase, addresses in _landmarks(kernel, listing, door, dispatch):
        for address in addresses:
            found.setdefault(address, Landmark(name, address, phase))
    return found


def missing(
    known: Iterable[Landmark], entry: Entry | None, door: Door | None, dispatch: Dispatch | None
) -> tuple[str, ...]:
    """Names of the landmarks that are not among those `known` behind `entry`."""
    found = {landmark.name for landmark in known}
    if door is not None and door.function is None and dispatch is not None:
        found.update(_ONLY_IN_C)
    if entry is not None and entry.arrival is Arrival.GATE:
        found.update(_ONLY_BY_SYSCALL)
    return tuple(name for name in REQUIRED if name not in found)


def _landmarks(
    kernel: PlacedKernel, listing: Listing, door: Door, dispatch: Dispatch | None
) -> Iterator[tuple[str, Phase, Iterable[int]]]:
    inward, outward = door.inward, door.outward
    yield "entry", Phase.ENTRY, (door.entry,)
    yield "frame_complete", Phase.DISPATCH, door.complete
    yield "kernel_stack", Phase.ENTRY, _switches(door, inward)
    yield "kernel_cr3", Phase.ENTRY, _after(door, inward, "cr3")
    if door.function is not None:
        yield "do_syscall", Phase.DISPATCH, (door.function,)
    if dispatch is not None:
        yield "dispatch", Phase.DISPATCH, dispatch.sites
        refused = dispatch.refusing.values() if door.function is None else dispatch.missing
        # Where it only goes round the handler, it comes to where all calls go on.
        own = (address for address in refused if address not in outward.states)
        yield "bad_number", Phase.DISPATCH, own
        yield "handler_return", Phase.EXIT_WORK, dispatch.returns
    yield "served", Phase.HANDLER, kernel.served
    yield "exit_work", Phase.EXIT_WORK, kernel.call_exit_work
    yield "restore", Phase.RESTORE, (_restore(listing, door),)
    yield "sysret_check", Phase.RESTORE, door.checks
    if dispatch is not None and Flow.SYSRET in door.exits.values():
        yield "sysret_check", Phase.EXIT_WORK, dispatch.checks
    yield "sysret_path", Phase.RESTORE, _sysret_path(kernel, listing)
    yield "iret_path", Phase.RESTORE, _first(kernel, spellings.IRET_PATH)
    yield "trampoline", Phase.RESTORE, _switches(door, outward)
    yield "user_cr3", Phase.RESTORE, _after(door, outward, "cr3")
    for name, flow in (("sysret", Flow.SYSRET), ("iret", Flow.IRET)):
        exits = (address for address, how in door.exits.items() if how is flow)
        yield name, Phase.RESTORE, exits


def _first(kernel: PlacedKernel, names: Iterable[str]) -> frozenset[int]:
    """The address of the first of `names` that there is."""
    return frozenset(islice(filter(None, map(kernel.address, names)), 1))


def _sysret_path(kernel: PlacedKernel, listing: Listing) -> frozenset[int]:
    """Where nothing but SYSRET lies ahead."""
    named = kernel.addresses((spellings.SYSRET_PATH,))
    address = kernel.address(spellings.SYSRET_CHECK)
    if named or address is None:
        return named
    operation = listing.operation(address)
    while operation is not None and operation.flow is Flow.NEXT:
        operation = listing.operation(operation.instruction.end)
    if operation is None or operation.flow is not Flow.BRANCH:
        return frozenset((address,))
    return frozenset((operation.instruction.end,))


def _restore(listing: Listing, door: Door) -> int:
    """Where the way back begins: behind the store of a result that entry code was given."""
    operation = listing.operation(door.return_site)
    if door.function is not None or operation is None:
        return door.return_site
    return operation.instruction.end


def _after(door: Door, way: Walk, name: str) -> tuple[int, ...]:
    """Where control stands after each instruction of `way` that writes register `name`."""
    return tuple(
        operation.instruction.end
        for operation in door.operations(way)
        if isinstance(operation.destination, RegisterOperand)
        and operation.destination.register == name
        and operation.destination.written
    )


def _switches(door: Door, way: Walk) -> tuple[int, ...]:
    """First instructions on another kernel stack than the one before them."""
    found = []
    for operation in door.operations(way):
        address, end = operation.instruction.address, operation.instruction.end
        if operation.flow is Flow.NEXT and end in way.states:
            before = way.states[address].top
            after = way.states[end].top
            if isinstance(after, Pointer) and _base(before) != after.base:
                found.append(end)
    return tuple(found)


def _base(value: Value) -> int | None:
    return value.base if isinstance(value, Pointer) else None
