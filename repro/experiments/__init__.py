"""The runs a profile asks for; one after another, or on Ray."""
