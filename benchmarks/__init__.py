"""Figures, not tests: each module prints ratios measured side by side in one run."""
