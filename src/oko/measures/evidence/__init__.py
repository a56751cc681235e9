"""What can support or undo a finding of an effect."""
