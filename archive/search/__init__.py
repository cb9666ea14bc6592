"""Finding: what a query means, which spellings are one, and where the matches stand in the text. Pure."""
