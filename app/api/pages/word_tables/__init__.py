"""Tables of the words of pages, a module for each part: a key in English, Russian, German."""
