"""Pages for people: their words, in each language."""
