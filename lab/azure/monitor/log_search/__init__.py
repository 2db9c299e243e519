"""Log search alert rules: their query, state, evaluation and alerts."""
