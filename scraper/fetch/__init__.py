"""Fetching: from a URL to the octets that answered it.

`guard`, `target`, `message`, `decode`, `robots` (its rules) and `politeness` are pure; `wire`, `client` and `pool` are
the shell that touches sockets, threads and the clock. Import the part you need: `settings` is cheap,
`client` brings httpx with it.
"""
