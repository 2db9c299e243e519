"""One attack for each detection, under the detection's slug: adding a file is enough."""
