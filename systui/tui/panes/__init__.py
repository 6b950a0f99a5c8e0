"""One file a pane; each draws what a presenter made of a snapshot."""
