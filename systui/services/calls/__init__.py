"""The handlers, one module per field; `dispatch` imports each when its first call comes."""
