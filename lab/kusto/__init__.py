"""A query: its tree, its engine, the columns of each step."""
