"""The lab that stays up behind other commands."""
