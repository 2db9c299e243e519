"""Changed copies of a detection's rule: a case that notices the change has proved something."""
