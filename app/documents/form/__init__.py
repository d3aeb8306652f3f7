"""The form of a catalogue's document: the model of each of its parts."""
