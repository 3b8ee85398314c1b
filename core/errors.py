"""What can go wrong in a way that a person can act on."""


class AppError(Exception):
    """A sentence for the user: what happened, why, and what to do. Everything else is a bug."""
