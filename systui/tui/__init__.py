"""The terminal screen: panes over a session. The only room that knows Textual."""
