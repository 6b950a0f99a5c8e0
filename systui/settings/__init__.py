"""What a person prefers (`config.toml`), and what systui keeps of what they arranged."""
