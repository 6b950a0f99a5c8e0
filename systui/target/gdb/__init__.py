"""A real kernel behind a gdbstub, driven through gdb's machine interface."""
