"""What stands before the app: the edge, the front end, Kudu, deployments, the health check."""
