"""Standing orders to crawl: what they say, when they are due, and the carrying-out of them."""
