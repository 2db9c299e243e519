"""What a Django project needs to run on App Service with PostgreSQL; nothing here is one project's.

At the end of settings.py: `from app_service.settings import *`.
"""
