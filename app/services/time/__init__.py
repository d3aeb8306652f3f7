"""Time: instants, zones, calendars and business time."""
