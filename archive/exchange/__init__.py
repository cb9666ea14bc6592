"""Formats in and out of an archive, one small module each."""
