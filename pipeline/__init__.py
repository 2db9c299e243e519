"""What the pipelines run beside Pulumi: drift, teardown, the comment on a pull request."""
