"""What prints itself -> the text of its page, as a file on the other end of stdout receives it."""

import io

from jobs.console.printing import Printed, print_on
from jobs.console.screen import WIDTH, screen_on


def page(printed: Printed) -> str:
    """The page as text."""
    out = io.StringIO()
    print_on(screen_on(out), printed)
    return out.getvalue()


def assert_fits(text: str) -> None:
    """Assert that no line of a page is wider than a page, or ends in blanks."""
    assert all(len(line) <= WIDTH and line == line.rstrip() for line in text.split("\n"))
