"""The files of `kql/` read: detections, functions, hunting queries, tiles; pure Python."""
