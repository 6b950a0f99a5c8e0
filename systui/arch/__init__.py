"""Architectures by name. A new one is a module of data here and a line in `BY_NAME`."""

from systui.arch.spec import Architecture
from systui.arch.x86_64 import X86_64

BY_NAME: dict[str, Architecture] = {X86_64.name: X86_64}
