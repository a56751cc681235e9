"""What may be shown, and the gate to it."""

from oko.disclosure import release
from oko.disclosure.protect import Protected, protect

__all__ = ["Protected", "protect", "release"]
