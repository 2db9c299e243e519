"""The stand-in for Azure and the rehearsal; `python -m lab <verb>`."""
