"""The one kind of error that is shown to the user as a line, without a traceback."""


class ReproError(Exception):
    """Something the user can mend: the text names the value and the next step."""


class SaidElsewhere(ReproError):
    """An error of several processes that another of them tells the user."""
