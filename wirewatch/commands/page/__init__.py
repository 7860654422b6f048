"""What the page is made over: each file hands one of its areas what it needs from the other packages."""
