"""The topics of the page, a package each; none imports another."""
