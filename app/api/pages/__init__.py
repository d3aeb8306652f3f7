"""What the pages for people share: their words, in each language."""
