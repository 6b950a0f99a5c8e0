"""One system call on one line: `accept(fd=1, addr=NULL, len=NULL) = -88 ENOTSOCK`."""

from systui.model.call import Syscall
from systui.present.numbers import errno_text


def line(call: Syscall) -> str:
    """The call as C would write it, with its result once that is known."""
    text = head(call)
    if call.result is None:
        return text
    return f"{text} = {errno_text(call.result, call.errno)}"


def head(call: Syscall) -> str:
    """The call without its result."""
    arguments = ", ".join(
        f"{argument.name}={argument.text}" if argument.name else argument.text
        for argument in call.arguments
    )
    return f"{call.name}({arguments})"
