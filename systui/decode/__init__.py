"""Decoders: bytes and registers in, meaning out. Pure: no files, no screen, no target."""
