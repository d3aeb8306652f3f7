"""`surety import`: a helpdesk's past, read and written line by line."""
