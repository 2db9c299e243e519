"""What other thresholds would have done on recorded or ordinary logs."""
