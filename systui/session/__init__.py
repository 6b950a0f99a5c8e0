"""The session: one debugger over one target, and the thread that owns them."""
