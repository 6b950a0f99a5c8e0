"""A guest of systui's own: what it boots from, the machine it runs on, and the way to end it."""
