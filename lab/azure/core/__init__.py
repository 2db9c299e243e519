"""The ground of the stand-in: subscription, resources, ids, names, schema."""
