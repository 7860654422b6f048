"""Many queries held against one article as it comes."""
