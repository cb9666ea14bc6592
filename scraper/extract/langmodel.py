"""py3langid's model, read where it lies: the language that a text reads like, without holding it in memory.

The one room that imports py3langid. Loaded its own way the model is 75 MB of private memory in every worker, four
tenths of what one may have, though a text touches some hundred rows of it; a worker that had loaded it soon ran into
its limit and was begun anew. Here the model is unpacked into an unnamed temporary file and mapped from there, so that
what is not touched is not memory. Answers are the library's own: its identifier works on the mapped arrays.
"""

from __future__ import annotations

import lzma
import mmap
import shutil
import struct
import tempfile
import zipfile
from functools import lru_cache
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from py3langid import langid  # type: ignore[import-untyped]  # ships no types

_NAME_LENGTHS: Final = struct.Struct("<26xHH")
"""In a local file header of a ZIP archive: the lengths of the name and of the extra field that follow it (APPNOTE
4.3.7)."""


def classify(text: str) -> str:
    """The ISO 639-1 code, or another tag, of the language that a text reads like.

    The first call unpacks the model, in half a second. Raises: OSError, MemoryError.
    """
    return str(_identifier().classify(text)[0])


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """The library's identifier on its mapped model; on its loaded one, where the file is laid out in another way."""
    path = langid.MODEL_DIR / langid.MODEL_FILE
    with tempfile.TemporaryFile(suffix=".npz") as unpacked:
        with lzma.open(path) as packed:
            shutil.copyfileobj(packed, unpacked, length=1 << 20)
        unpacked.flush()
        try:
            arrays = _mapped(unpacked)
            moves: Any = arrays["nextmove"]
            return langid.LanguageIdentifier(
                arrays["ptc"],
                arrays["pc"],
                arrays["classes"].tolist(),
                memoryview(moves)
                .cast("B")
                .cast(moves.dtype.char),  # indexed one by one, as numbers of Python's own
                arrays["out_feat"].tolist(),
                tk_row=arrays["nextmove_row"].tolist(),
            )
        except (KeyError, ValueError, TypeError, AttributeError):
            return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)


def _mapped(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """The arrays of an NPZ file, each a view of the mapped file. Raises: ValueError, for one that is compressed."""
    octets = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    arrays: dict[str, NDArray[Any]] = {}
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{member.filename} is compressed")
            name, extra = _NAME_LENGTHS.unpack_from(octets, member.header_offset)
            file.seek(member.header_offset + _NAME_LENGTHS.size + name + extra)
            if npy.read_magic(file) != (1, 0):
                raise ValueError(f"{member.filename} is in a newer format")
            shape, fortran, dtype = npy.read_array_header_1_0(file)
            flat: NDArray[Any] = np.frombuffer(octets, dtype, int(np.prod(shape)), file.tell())
            arrays[member.filename.removesuffix(".npy")] = flat.reshape(shape, order="F" if fortran else "C")
    return arrays
