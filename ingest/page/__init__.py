"""Reading a page: extract.py, and what it is made of."""
