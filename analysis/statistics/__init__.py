"""Numbers in, intervals out. Imports no other package of ours."""
