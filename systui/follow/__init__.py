"""Following: scripts that are data, and the runner that walks them on a debugger."""
