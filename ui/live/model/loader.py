"""Until the pages no longer ask."""


def works() -> bool:
    """Whether the page can rely on its components."""
    return True


def report_failure() -> None:
    """Nothing."""
