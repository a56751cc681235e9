"""What may be shown, and the gate to it."""

from oko.disclosure import release
from oko.disclosure.audit import Audit, audit
from oko.disclosure.protect import protect
from oko.disclosure.protected import Protected
from oko.disclosure.rules import Mean

__all__ = ["Audit", "Mean", "Protected", "audit", "protect", "release"]
