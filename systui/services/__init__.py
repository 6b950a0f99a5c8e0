"""Linux x86_64 system calls served in Python to an emulated program.

Knows no CPU emulator: the machine reaches in through `System`, and services reach out through the
small protocols in `ports`. Every piece of state is an immutable value held by a few `Stateful`
owners, so that a snapshot is a handful of references.
"""
