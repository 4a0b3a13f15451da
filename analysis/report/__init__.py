"""Notebooks become the page, the files beside it and the tables of the documents."""
