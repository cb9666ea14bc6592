"""The keeping side: what was captured and read is compared, stored, and found again."""
