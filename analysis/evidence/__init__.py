"""Run folders read: the ONLY readers of run files; which runs count; which are compared;
the command of what is missing.
"""
