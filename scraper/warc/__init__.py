"""WARC files: exchanges written as records, records read back, files checked and put in order after a crash."""

from scraper.warc.check import check_file, check_folder
from scraper.warc.http import HttpResponse, NotHttp, parse_response
from scraper.warc.parse import Record
from scraper.warc.reader import (
    Problem,
    capture_metadata,
    http_response,
    iter_records,
    read_record,
    warc_files,
)
from scraper.warc.record import Original, payload_digest
from scraper.warc.recover import Orphan, Recovery, TornTail, recover
from scraper.warc.writer import WarcWriteError, WarcWriter, WrittenExchange, WrittenRecord

__all__ = [
    "HttpResponse",
    "NotHttp",
    "Original",
    "Orphan",
    "Problem",
    "Record",
    "Recovery",
    "TornTail",
    "WarcWriteError",
    "WarcWriter",
    "WrittenExchange",
    "WrittenRecord",
    "capture_metadata",
    "check_file",
    "check_folder",
    "http_response",
    "iter_records",
    "parse_response",
    "payload_digest",
    "read_record",
    "recover",
    "warc_files",
]
