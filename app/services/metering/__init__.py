"""Metering: sessions and work, by the minute."""
