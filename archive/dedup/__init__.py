"""What a text is to the texts that are held: the same, a new version, a copy."""
