"""Targets: what can be debugged, behind one protocol."""
