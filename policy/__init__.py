"""The policy pack: what a stack of this project may not do; the rules run in the lab too."""
