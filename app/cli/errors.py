"""Errors of commands, in words for whoever typed one."""


class CommandError(Exception):
    """The command cannot do its work: what is wrong and what to do about it, in one line."""
