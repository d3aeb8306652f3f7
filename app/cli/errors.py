"""What a command cannot do, in words for whoever typed it."""


class CommandError(Exception):
    """The command cannot do its work: what is wrong and what to do about it, in one line."""
