"""`surety demo`: a year of customers, made through the API."""
