"""Every claim with its verdict, and the words about claims under each topic."""
