"""These modules compare the code with independent arithmetic: reports/checks.csv."""
