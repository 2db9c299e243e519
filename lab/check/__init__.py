"""`lab check`: every query by three checks before it can reach Azure.

library.py reads the files, microsoft.py, execution.py and the `lint_*` modules find what is wrong
with them, run.py goes through all of it, `show_*` say it to people and machines.
"""
