"""Expressions in C's grammar over registers, symbols, pt_regs and memory.

All arithmetic is done in 64 bits, signed unless one side is an unsigned long or a pointer; what
a debugger without type information lacks are C's own variables and structures.
"""

import operator
from collections.abc import Callable, Mapping

from systui.console.scope import Scope
from systui.console.tokens import Token, tokens
from systui.console.values import LONG, MASK, TYPES, UNSIGNED_LONG, VOID, Memory, Type, Value
from systui.model.errors import BadInputError
from systui.model.stop import Space
from systui.words import _

_DEEPEST = 60
_SPACES = {"user": Space.USER, "kernel": Space.KERNEL, "phys": Space.PHYSICAL}
_PT_REGS = "pt_regs"
_BINARY: tuple[Mapping[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: int(bool(a or b))},
    {"&&": lambda a, b: int(bool(a and b))},
    {"|": operator.or_},
    {"^": operator.xor},
    {"&": operator.and_},
    {"==": operator.eq, "!=": operator.ne},
    {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    {"<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63)},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": lambda a, b: _divided(a, b)[0], "%": lambda a, b: _divided(a, b)[1]},
)
"""From what binds least to what binds most."""
_LOGICAL = frozenset(("||", "&&", "==", "!=", "<", ">", "<=", ">="))
_WORDS = frozenset(("unsigned", "signed", "long", "short", "int", "char", "void", "const"))


def evaluate(text: str, scope: Scope) -> Value:
    """What `text` comes to, looked up; BadInputError."""
    return scope.load(place_of(text, scope))


def place_of(text: str, scope: Scope) -> Value:
    """What `text` comes to; what lies in memory may not be looked up yet. BadInputError."""
    reader = _Reader(tokens(text), scope)
    value = reader.expression(0)
    reader.expect_end()
    return value


def _divided(a: int, b: int) -> tuple[int, int]:
    """C's quotient, rounded towards zero, and remainder."""
    if b == 0:
        raise BadInputError(_("division by zero"))
    quotient = abs(a) // abs(b)
    quotient = -quotient if (a < 0) != (b < 0) else quotient
    return quotient, a - b * quotient


class _Reader:
    """Reads and computes in one go: what a name means does not depend on what follows it."""

    def __init__(self, found: list[Token], scope: Scope) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0
        self._scope = scope

    # --- words -------------------------------------------------------------------------------

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _accept(self, *signs: str) -> str | None:
        if self._next.kind == "sign" and self._next.text in signs:
            return self._take().text
        return None

    def _expect(self, sign: str) -> None:
        if self._accept(sign) is None:
            raise self._wrong(_("{sign!r} is missing").format(sign=sign))

    def _wrong(self, problem: str) -> BadInputError:
        if self._next.kind == "end":
            return BadInputError(_("{problem} at the end").format(problem=problem))
        return BadInputError(
            _("{problem} before {text!r}").format(problem=problem, text=self._next.text)
        )

    def expect_end(self) -> None:
        """BadInputError where something is left over."""
        if self._next.kind != "end":
            raise BadInputError(_("not understood: {text!r}").format(text=self._next.text))

    # --- operators ---------------------------------------------------------------------------

    def expression(self, level: int) -> Value:
        """Operators that bind at least as much as those of `level`."""
        if level == len(_BINARY):
            return self._unary()
        left = self.expression(level + 1)
        while (sign := self._accept(*_BINARY[level])) is not None:
            left = self._computed(sign, _BINARY[level][sign], left, self.expression(level + 1))
        return left

    def _computed(
        self, sign: str, compute: Callable[[int, int], int], left: Value, right: Value
    ) -> Value:
        left, right = self._loaded(left), self._loaded(right)
        a, b = self._number(left), self._number(right)
        if left.type.pointers and right.type.pointers and sign == "-":
            return Value(LONG.fit((a - b) // left.type.step))
        kind = self._kind(left, right)
        if kind.pointers and sign in "+-":
            a = a * kind.step if not left.type.pointers else a
            b = b * kind.step if not right.type.pointers else b
        if kind == UNSIGNED_LONG and sign not in _LOGICAL and sign not in ("<<", ">>"):
            a, b = a & MASK, b & MASK
        result = LONG if sign in _LOGICAL else kind
        return Value(result.fit(compute(a, b)), result, None, left.space or right.space)

    @staticmethod
    def _kind(left: Value, right: Value) -> Type:
        for value in (left, right):
            if value.type.pointers:
                return value.type
        unsigned = any(each.type.size == 8 and not each.type.signed for each in (left, right))
        return UNSIGNED_LONG if unsigned else LONG

    def _loaded(self, value: Value) -> Value:
        return self._scope.load(value)

    @staticmethod
    def _number(value: Value) -> int:
        assert value.number is not None
        return value.number

    def _unary(self) -> Value:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadInputError(_("an expression nested too deeply"))
        try:
            return self._prefixed()
        finally:
            self._depth -= 1

    def _prefixed(self) -> Value:
        sign = self._accept("-", "+", "~", "!", "*", "&", "{")
        match sign:
            case None:
                return self._cast() or self._postfix()
            case "*":
                return self._pointed_to(self._unary())
            case "&":
                return self._address(self._unary())
            case "{":
                kind = self._type()
                self._expect("}")
                return self._at_address(self._unary(), kind)
        value = self._loaded(self._unary())
        number = self._number(value)
        if sign == "!":
            return Value(int(not number))
        kind = self._kind(value, value)
        number = {"-": -number, "~": ~number, "+": number}[sign]
        return Value(kind.fit(number), kind)

    def _pointed_to(self, value: Value) -> Value:
        kind = value.type.pointee if value.type.pointers else LONG
        return self._at_address(value, LONG if kind == VOID else kind)

    def _at_address(self, value: Value, kind: Type) -> Value:
        value = self._loaded(value)
        address = self._number(value) & MASK
        space = value.space or self._scope.space(address)
        return Value(None, kind, Memory(space, address))

    def _address(self, value: Value) -> Value:
        kind = value.type._replace(pointers=value.type.pointers + 1)
        if isinstance(value.place, Memory):
            return Value(value.place.address, kind, None, value.place.space)
        if value.place is None and value.type.pointers and value.number is not None:
            return value  # a symbol: it stands for its address already
        raise BadInputError(_("& needs something that lies in memory"))

    # --- casts -------------------------------------------------------------------------------

    def _cast(self) -> Value | None:
        """`(type) operand`; None where no type follows an opening parenthesis."""
        begin = self._at
        if self._accept("(") is None:
            return None
        if self._next.kind != "name" or not self._names_type(self._next.text):
            self._at = begin
            return None
        kind = self._type()
        self._expect(")")
        value = self._loaded(self._unary())
        return Value(kind.fit(self._number(value)), kind, None, value.space)

    @staticmethod
    def _names_type(name: str) -> bool:
        return name in TYPES or name in _WORDS

    def _type(self) -> Type:
        words: list[str] = []
        while self._next.kind == "name" and self._names_type(self._next.text):
            words.append(self._take().text)
        kind = _type_of(words)
        if kind is None:
            raise self._wrong(_("a type is missing"))
        stars = 0
        while self._accept("*"):
            stars += 1
        return kind._replace(pointers=stars)

    # --- operands ----------------------------------------------------------------------------

    def _postfix(self) -> Value:
        value = self._primary()
        while self._accept("["):
            index = self.expression(0)
            self._expect("]")
            plus = _BINARY[8]["+"]
            value = self._pointed_to(self._computed("+", plus, self._loaded(value), index))
        return value

    def _primary(self) -> Value:
        token = self._take()
        if token.kind == "number":
            kind = UNSIGNED_LONG if token.number >> 63 else LONG
            return Value(token.number, kind)
        if token.kind == "register":
            return self._scope.register(token.text)
        if token.kind == "name":
            return self._named(token.text)
        if token.text == "(":
            value = self.expression(0)
            self._expect(")")
            return value
        if token.text == "%" and self._next.text == "gs":
            self._take()
            return self._per_cpu()
        self._at -= token.kind != "end"
        raise self._wrong(_("a value is missing"))

    def _named(self, name: str) -> Value:
        if name == _PT_REGS or name.startswith(_PT_REGS + "."):
            return self._slot(name)
        if self._next.text == ":" and name == "gs":
            return self._per_cpu()
        if self._next.text == ":" and name in _SPACES:
            self._take()
            value = self._loaded(self._unary())
            return value._replace(place=None, space=_SPACES[name])
        return self._scope.symbol(name)

    def _slot(self, name: str) -> Value:
        field = name.removeprefix(_PT_REGS).removeprefix(".")
        if not field and self._accept("->", "."):
            field = self._take().text
        return self._scope.slot(field)

    def _per_cpu(self) -> Value:
        self._expect(":")
        offset = self._loaded(self._unary())
        return self._scope.per_cpu(self._number(offset) & MASK)


def _type_of(words: list[str]) -> Type | None:
    """The type that C's words for it mean."""
    words = [word for word in words if word not in ("const", "signed")]
    if words.count("long") > 1:
        words.remove("long")
    if len(words) > 1 and "int" in words:
        words.remove("int")
    return TYPES.get(" ".join(sorted(words, key=lambda word: word != "unsigned")))
