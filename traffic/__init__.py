"""Who knocks at the login: attackers and ordinary people as data, and the driver that sends it."""
