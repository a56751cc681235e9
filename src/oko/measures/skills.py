"""Results by metasubject skill."""
