"""One system call on one line: `accept(fd=1, addr=NULL, len=NULL) = -88 ENOTSOCK`."""

from collections.abc import Sequence

from systui.model.call import Argument, Syscall
from systui.present.numbers import errno_text


def line(call: Syscall) -> str:
    """The call as C would write it, with its result once that is known."""
    text = head(call)
    if call.result is None:
        return text
    return f"{text} = {errno_text(call.result, call.errno)}"


def head(call: Syscall) -> str:
    """The call without its result."""
    if call.sub is not None:
        sub = call.sub
        return f"{call.name}({sub.selector}) {sub.name}({_listed(sub.arguments)})"
    return f"{call.name}({_listed(call.arguments)})"


def _listed(arguments: Sequence[Argument]) -> str:
    return ", ".join(
        f"{argument.name}={argument.text}" if argument.name else argument.text
        for argument in arguments
    )
