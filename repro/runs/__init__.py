"""The run folder: paths, reading, atomic writing, lock. No torch. The only thing
analysis may import (with errors.py).
"""
