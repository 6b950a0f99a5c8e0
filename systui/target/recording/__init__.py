"""Writing a recording: what the recorder around a target makes of the stops that pass through."""
