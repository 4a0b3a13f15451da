"""A folder, zip or tar of photographs becomes a pack."""
