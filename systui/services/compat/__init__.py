"""System calls of 32-bit programs, and of `int $0x80`: other numbers, other structures."""
