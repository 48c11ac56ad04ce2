"""How an exercise ended, in one vocabulary: what a check can say (utils.checks), and what happens to submissions."""

import enum

from utils import checks


class Status(enum.StrEnum):
    """How one exercise of one submission ended; the first went most wrong."""

    UNREADABLE = "unreadable"
    KERNEL_DIED = "kernel died"
    STOPPED = "stopped"
    ERROR = checks.ERROR
    WRONG = checks.WRONG
    MISSING = "missing"
    NOT_ATTEMPTED = checks.NOT_ATTEMPTED
    DONE = checks.DONE

    def words(self, after=None):
        """Return what tables and feedback say; after: in how many seconds it was stopped."""
        if self is Status.STOPPED:
            return f"stopped after {after:g} s"
        return "ok" if self is Status.DONE else self.value


ORDER = list(Status)
OF_CHECKS = {checks.ERROR, checks.WRONG, checks.NOT_ATTEMPTED, checks.DONE}
