"""The HTTP frame: what every request goes through, and what every reply is made of."""
