"""The topic speed."""
