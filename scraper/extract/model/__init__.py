"""The block model: which blocks of a page are its main content."""
