"""Moves made of many steps: by line, over calls, out of functions, in both directions."""

from typing import TYPE_CHECKING

from systui.model.operation import Flow, Operation
from systui.model.stop import Reason, Stop
from systui.session.backtrace import return_slot
from systui.session.tracker import Tracker
from systui.target.protocol import Direction

if TYPE_CHECKING:
    from systui.session.debugger import Debugger

_RING = 3
_LONGEST_CALL = 8
"""Bytes of the longest near call instruction that compilers write, prefixes included."""
_FLAT = frozenset((Reason.STEP, Reason.BREAKPOINT, Reason.START))

_Line = tuple[str, int, str | None]


class Moves:
    """Composes the debugger's steps and runs."""

    def __init__(self, debugger: "Debugger", tracker: Tracker) -> None:
        self._debugger = debugger
        self._tracker = tracker

    # --- lines -------------------------------------------------------------------------------

    def line(self, direction: Direction, *, over: bool) -> Stop:
        """One source line, or one instruction where there is none."""
        if direction is Direction.BACKWARD:
            return self._line_back(over)
        start = self._line()
        while True:
            position = self._debugger.stop.position
            stop = self._forward(over)
            if self._ended(stop, position) or start is None:
                return stop
            if self._line() is None and not self._skip_unlined():
                return self._debugger.stop
            if self._line() != start:
                return self._debugger.stop

    def instruction(self, direction: Direction) -> Stop:
        """One instruction, over what it calls."""
        return self._over() if direction is Direction.FORWARD else self._backward(over=True)

    def _forward(self, over: bool) -> Stop:
        return self._over() if over else self._debugger.step()

    def _skip_unlined(self) -> bool:
        """Out of code without lines, where a caller is known; False where the move ends here."""
        position = self._debugger.stop.position
        stop = self.finish(Direction.FORWARD)
        return not self._ended(stop, position) and self._line() is not None

    def _line_back(self, over: bool) -> Stop:
        position = self._debugger.stop.position
        stop = self._backward(over)
        line = self._line()
        while line is not None and not self._ended(stop, position):
            position = stop.position
            stop = self._backward(over)
            if self._line() != line:
                return self._forward_again(position)
        return stop

    def _forward_again(self, position: int) -> Stop:
        """Back to `position`, which a step backwards has just left."""
        while self._debugger.stop.position < position:
            before = self._debugger.stop.position
            self._over() if position - before > 1 else self._debugger.step()
            if self._debugger.stop.position == before:
                break
        return self._debugger.stop

    def _line(self) -> _Line | None:
        location = self._tracker.locate(self._debugger.stop.pc)
        if location.source is None:
            return None
        return location.source.file, location.source.line, location.symbol

    # --- over calls --------------------------------------------------------------------------

    def _over(self) -> Stop:
        """One instruction, with all of what it calls."""
        operation = self._tracker.operation(self._debugger.stop.pc)
        values = self._tracker.values
        level, ring, end = values[self._tracker.arch.sp], values["cs"] & _RING, 0
        if operation is not None:
            end = operation.instruction.end
        stop = self._debugger.step()
        if operation is None or not self._went_in(operation, ring):
            return stop
        return self._run_back_up({end, operation.instruction.address}, level, ring)

    def _went_in(self, operation: Operation, ring: int) -> bool:
        """Whether the step went into something that comes back: a call, the kernel, a fault."""
        values = self._tracker.values
        if operation.flow is Flow.CALL:
            return values[self._tracker.arch.pc] != operation.instruction.end
        deeper = ring and not values["cs"] & _RING
        return bool(deeper) or self._tracker.path.is_exception(values[self._tracker.arch.pc])

    def _run_back_up(self, addresses: set[int], level: int, ring: int) -> Stop:
        """Run until one of `addresses` comes with the stack as high as `level`, in `ring`."""
        while True:
            position = self._debugger.stop.position
            stop = self._debugger.run_to(addresses, task=self._debugger.stop.task)
            values = self._tracker.values
            back = stop.pc in addresses and values["cs"] & _RING == ring
            if (back and values[self._tracker.arch.sp] >= level) or self._ended(stop, position):
                return stop

    def _backward(self, over: bool) -> Stop:
        """One instruction back, with all of what it had called where `over`."""
        values = self._tracker.values
        pc, level, ring = (
            values[self._tracker.arch.pc],
            values[self._tracker.arch.sp],
            values["cs"] & _RING,
        )
        position = self._debugger.stop.position
        stop = self._debugger.step_back()
        if not over or self._ended(stop, position):
            return stop
        operation = self._tracker.operation(stop.pc)
        if operation is None or operation.flow not in (Flow.RETURN, Flow.SYSRET, Flow.IRET):
            return stop
        return self._run_down(self._callers(pc), level, ring)

    def _callers(self, return_address: int) -> set[int]:
        """Where the call may stand that returns to `return_address`."""
        found = set()
        for size in range(2, _LONGEST_CALL + 1):
            operation = self._tracker.operation(return_address - size)
            if (
                operation is not None
                and operation.instruction.end == return_address
                and operation.flow in (Flow.CALL, Flow.SYSCALL, Flow.INTERRUPT)
            ):
                found.add(return_address - size)
        return found or {return_address}

    def _run_down(self, addresses: set[int], level: int, ring: int) -> Stop:
        """Run backwards to one of `addresses` with the stack at `level`, in `ring`."""
        while True:
            position = self._debugger.stop.position
            task = self._debugger.stop.task
            stop = self._debugger.run_to(addresses, Direction.BACKWARD, task)
            values = self._tracker.values
            there = stop.pc in addresses and values["cs"] & _RING == ring
            if (there and values[self._tracker.arch.sp] >= level) or self._ended(stop, position):
                return stop

    # --- out of functions --------------------------------------------------------------------

    def finish(self, direction: Direction) -> Stop:
        """Out of the current function, at its end or at its beginning."""
        found = self._return_slot()
        if found is None:
            return self._leave(direction)
        slot, address = found
        ring = self._tracker.values["cs"] & _RING
        if direction is Direction.FORWARD:
            return self._run_back_up({address}, slot + self._tracker.arch.word, ring)
        return self._run_down(self._callers(address), slot + self._tracker.arch.word, ring)

    def _return_slot(self) -> tuple[int, int] | None:
        """Where the current function's return address lies, and the address.

        Told by following the function's code from its start to pc; None in entry code.
        """
        pc, sp = self._debugger.stop.pc, self._tracker.values[self._tracker.arch.sp]
        if pc in self._tracker.path.entry_text and self._on_the_way(pc):
            return None
        slot = return_slot(self._tracker, pc, sp)
        raw = None if slot is None else self._tracker.read(slot, self._tracker.arch.word)
        return None if slot is None or raw is None else (slot, int.from_bytes(raw, "little"))

    def _on_the_way(self, pc: int) -> bool:
        way = self._tracker.track.way
        if way is None or way.door is None:
            return True
        return pc in way.door.inward.states or pc in way.door.outward.states

    def _leave(self, direction: Direction) -> Stop:
        """To where the open way ends or began; without one, the stack decides."""
        way = self._tracker.track.way
        if way is None:
            return self._step_out(direction)
        depth = len(self._tracker.track.ways)
        backward = direction is Direction.BACKWARD
        task = self._debugger.stop.task
        while len(self._tracker.track.ways) >= depth:
            position = self._debugger.stop.position
            if backward:
                stop = self._debugger.run_to({way.entry}, direction, task)
                if stop.pc == way.entry:
                    return self._debugger.step_back()
            else:
                stop = self._debugger.run_to(self._tracker.exits, task=task)
                if stop.pc in self._tracker.exits:
                    stop = self._debugger.step()
            if self._ended(stop, position):
                return stop
        return self._debugger.stop

    def _step_out(self, direction: Direction) -> Stop:
        """In a function that cannot be told from code: step until the stack is freed."""
        level, ring = (
            self._tracker.values[self._tracker.arch.sp],
            self._tracker.values["cs"] & _RING,
        )
        while True:
            position = self._debugger.stop.position
            operation = self._tracker.operation(self._debugger.stop.pc)
            forward = direction is Direction.FORWARD
            stop = self._over() if forward else self._backward(over=True)
            if self._ended(stop, position):
                return stop
            freed = self._tracker.values[self._tracker.arch.sp] > level
            left = operation is not None and operation.flow is Flow.RETURN
            if freed and (left or not forward) and self._tracker.values["cs"] & _RING == ring:
                return stop

    def _ended(self, stop: Stop, before: int) -> bool:
        """Whether nothing more is to be done: something stopped the move, or nothing moved."""
        return (
            stop.reason not in _FLAT
            or stop.position == before
            or self._debugger.points.stops(stop.pc)
        )
