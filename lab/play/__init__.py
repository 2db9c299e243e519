"""Who appears when: the timetable, faults, the day before, the player."""
