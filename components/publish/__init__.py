"""Brings the app to App Service: its bundle, Kudu, the sign-in to it, a stack's command."""
