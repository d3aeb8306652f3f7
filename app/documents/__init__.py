"""What a seller writes: the form of a catalogue's document, and how it is read into values."""
