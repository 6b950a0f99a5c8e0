"""Architectures by name. A new one is a module of data here and a line in `BY_NAME`."""

from systui.arch.i386 import I386
from systui.arch.spec import Architecture
from systui.arch.x86_64 import X86_64

BY_NAME: dict[str, Architecture] = {each.name: each for each in (X86_64, I386)}
