"""The web side: from a URL to an article. Knows nothing of keeping."""
