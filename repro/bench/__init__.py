"""`repro bench`: these modules measure our speed beside that of peers."""
