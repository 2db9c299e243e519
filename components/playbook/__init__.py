"""What the response playbook's Logic App does, as workflow definitions."""
