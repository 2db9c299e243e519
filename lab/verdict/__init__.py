"""Was it right? Which alert belongs to which attack, and which hop broke."""
