"""Persistent values and their owners: what makes a snapshot exact and cheap."""

from collections.abc import Iterator
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_WIDTH = 5
_MASK = (1 << _WIDTH) - 1
_LEAF = 16
_DEEPEST = 55


def _split(leaf: dict[Any, Any], shift: int) -> tuple[Any, ...]:
    slots: list[Any] = [None] * (_MASK + 1)
    for key, value in leaf.items():
        index = (hash(key) >> shift) & _MASK
        if slots[index] is None:
            slots[index] = {}
        slots[index][key] = value
    return tuple(slots)


def _with(node: Any, shift: int, key: Any, value: Any) -> Any:
    if node is None:
        return {key: value}
    if isinstance(node, dict):
        leaf = {**node, key: value}
        return _split(leaf, shift) if len(leaf) > _LEAF and shift < _DEEPEST else leaf
    index = (hash(key) >> shift) & _MASK
    child = _with(node[index], shift + _WIDTH, key, value)
    return (*node[:index], child, *node[index + 1 :])


def _without(node: Any, shift: int, key: Any) -> Any:
    if isinstance(node, dict):
        leaf = node.copy()
        leaf.pop(key, None)
        return leaf or None
    if node is None:
        return None
    index = (hash(key) >> shift) & _MASK
    child = _without(node[index], shift + _WIDTH, key)
    return (*node[:index], child, *node[index + 1 :])


def _walk(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, dict):
        yield from node.items()
    elif node is not None:
        for child in node:
            yield from _walk(child)


class Map(Generic[K, V]):
    """An immutable mapping; a changed copy shares all but a few small nodes with the original.

    A trie over the key's hash, so that keeping one copy per system call costs about a kilobyte
    per change, however large the map. Iteration order is unspecified: sort where it is seen.
    """

    __slots__ = ("_root", "_size")

    def __init__(self, items: dict[K, V] | None = None) -> None:
        self._root: Any = None
        self._size = 0
        for key, value in (items or {}).items():
            self._root = _with(self._root, 0, key, value)
            self._size += 1

    @classmethod
    def _of(cls, root: Any, size: int) -> "Map[K, V]":
        made = cls.__new__(cls)
        made._root = root
        made._size = size
        return made

    def get(self, key: K) -> V | None:
        """The value of `key`, or None."""
        node, shift = self._root, 0
        while isinstance(node, tuple):
            node = node[(hash(key) >> shift) & _MASK]
            shift += _WIDTH
        found: V | None = None if node is None else node.get(key)
        return found

    def __getitem__(self, key: K) -> V:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in _walk(self._root))

    def items(self) -> Iterator[tuple[K, V]]:
        """Pairs in unspecified order."""
        return _walk(self._root)

    def values(self) -> Iterator[V]:
        """Values in unspecified order."""
        return (value for _, value in _walk(self._root))

    def set(self, key: K, value: V) -> "Map[K, V]":
        """A copy in which `key` has `value` (never None)."""
        size = self._size + (key not in self)
        return Map._of(_with(self._root, 0, key, value), size)

    def drop(self, key: K) -> "Map[K, V]":
        """A copy without `key`; the map itself when it has none."""
        if key not in self:
            return self
        return Map._of(_without(self._root, 0, key), self._size - 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Map) and dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]


class Stateful:
    """An owner of state. The attributes named in `STATE` hold immutable values, nothing else."""

    STATE: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        if cls.STATE:
            cls._read_state = attrgetter(*cls.STATE)

    _read_state: ClassVar[Any] = None

    def save(self) -> object:
        """The state as it is now; sharing, not copying."""
        return type(self)._read_state(self)

    def restore(self, saved: object) -> None:
        """Be as `saved` says, which `save` gave."""
        values: Any = saved if len(self.STATE) > 1 else (saved,)
        for name, value in zip(self.STATE, values, strict=True):
            setattr(self, name, value)
