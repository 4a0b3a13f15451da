"""WHERE it computes: processes, device, seeds, signals, provenance."""
