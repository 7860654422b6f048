"""How values are stored in the file: compressed with zstd (RFC 8878) if that makes them smaller."""

import threading

import zstandard

_LEVEL = (
    1  # the fastest: a news page shrinks to about half, and higher levels cost more than the disk they save
)


class Codec(threading.local):
    """Packs and unpacks values. Each thread has contexts of its own: they are costly to make and not thread-safe."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def pack(self, value: bytes) -> tuple[bool, bytes]:
        """Whether the value was compressed, and the bytes to store."""
        packed = self._compressor.compress(value)
        return (True, packed) if len(packed) < len(value) else (False, value)

    def unpack(self, packed: bool, stored: bytes) -> bytes:  # noqa: FBT001 - a column of the table, not an option
        """The value that `pack` was given."""
        return self._decompressor.decompress(stored) if packed else stored
