"""`surety serve`: processes that answer, how they begin and how they stop."""
