"""The long form of a call's arguments: structures, buffers and results spelled as strace does.

`signatures` says of which kind each argument is; the other modules say how a kind is spelled.
"""
