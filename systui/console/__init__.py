"""The console: one grammar, after gdb's words, for every target. Knows no screen."""
