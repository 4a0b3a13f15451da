"""Where a run computes: devices, processes, random draws, signals, provenance."""
