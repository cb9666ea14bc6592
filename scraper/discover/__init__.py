"""What sources announce: feeds, sitemaps and pages of links, read from bytes."""

from scraper.discover.model import Announced, DiscoveryLimits, Found, Refused
from scraper.discover.read import read_source
from scraper.discover.site import sources_of_site

__all__ = ["Announced", "DiscoveryLimits", "Found", "Refused", "read_source", "sources_of_site"]
