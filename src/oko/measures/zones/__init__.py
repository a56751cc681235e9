"""Where schools can help each other."""
