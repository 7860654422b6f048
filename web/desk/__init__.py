"""The desk: what people add to articles (stars, tags, notes, assignments, corrections) and the searches that they save."""
