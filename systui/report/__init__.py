"""A recorded call as a document: one self-contained HTML page, or Markdown."""
