"""Platform alerts, activity-log alerts and suppression windows as data"""
