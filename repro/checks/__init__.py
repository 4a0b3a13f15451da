"""Reports/checks.csv: the code against independent arithmetic."""
