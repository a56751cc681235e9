"""What a result is, and how it comes in."""
