"""Factor structure of a test."""
