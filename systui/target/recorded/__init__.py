"""Recordings: their format, and a target that plays one."""
