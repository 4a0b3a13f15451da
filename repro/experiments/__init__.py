"""The runs that a profile asks for, one after another or on Ray."""
