"""Kernel images: symbols, lines, system call tables and the path of a call through them."""
