"""The line that tells what tasks did: docs/session-format.md."""

from collections.abc import Iterator, Sequence

from systui.model.task_log import Deed, TaskEvent
from systui.target.recorded.format import (
    DamageError,
    Pairs,
    dump,
    integer,
    items,
    number,
    task_of,
    text,
)

_A_LINE = 500
_WORDS = 8
_DEEDS = {deed.value: deed for deed in Deed}
_BITS = 63


def task_lines(events: Sequence[TaskEvent]) -> Iterator[bytes]:
    """Lines that hold `events`."""
    for at in range(0, len(events), _A_LINE):
        yield dump({"tasks": [_fact(each) for each in events[at : at + _A_LINE]]})


def _fact(event: TaskEvent) -> list[object]:
    values = [f"{value:x}" for value in event.values]
    frame = None if event.frame is None else f"{event.frame:x}"
    return [
        *(event.position, list(event.task), event.deed.value, event.abi, event.number, values),
        *(event.result, event.text, event.by, frame, list(event.told)),
    ]


def task_events(said: Pairs) -> Sequence[TaskEvent]:
    """What such a line tells; DamageError."""
    return [_event(items(each)) for each in items(said["tasks"])[:_A_LINE]]


def _event(fact: list[object]) -> TaskEvent:
    if len(fact) == len(TaskEvent._fields) - 1:
        fact = [*fact, []]  # told by a systui that did not read what is behind pointers
    if len(fact) != len(TaskEvent._fields):
        raise DamageError
    position, task, deed, abi, call, values, result, words, by, frame, told = fact
    found = _DEEDS.get(deed) if isinstance(deed, str) else None
    if found is None:
        raise DamageError
    return TaskEvent(
        *(integer(position), task_of(task), found, text(abi), integer(call, 0xFFFF_FFFF)),
        tuple(number(each) for each in items(values)[:_WORDS]),
        None if result is None else _signed(result),
        text(words),
        None if by is None else integer(by),
        None if frame is None else number(frame),
        tuple(text(each) for each in items(told)[:_WORDS]),
    )


def _signed(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > _BITS:
        raise DamageError
    return value
