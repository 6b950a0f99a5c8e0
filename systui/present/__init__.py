"""Presenters: a snapshot in, words and rows of (text, role) out. Pure: no screen, no files."""
