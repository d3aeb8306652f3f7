"""`surety demo`: a year of customers, told through the API."""
