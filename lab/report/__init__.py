"""What a rehearsal found, in three forms: a table for the terminal, report.json and report.html."""
