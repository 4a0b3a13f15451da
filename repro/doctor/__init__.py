"""`repro doctor`: these modules look at what is here and what would fail later."""
