"""A folder/zip/tar of photographs -> a pack."""
