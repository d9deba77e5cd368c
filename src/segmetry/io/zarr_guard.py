"""A store of Zarr that looks at each chunk before it is unpacked.

This module loads Zarr, so it is imported where it is used.
"""

from typing import Any

from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import WrapperStore

from segmetry.io.zarr_packing import check_packed

__all__ = ["GuardedStore"]

_METADATA = (".zarray", ".zattrs", ".zgroup", ".zmetadata", "zarr.json")


class GuardedStore(WrapperStore[Store]):
    """A store for the chunks of one array.

    Parameters
    ----------
    store : zarr.abc.store.Store
    name : str
        Of the file, for messages.
    packing : str
        As of `segmetry.io.zarr_packing.packing_of`.
    limit : int
        Bytes that a chunk may have.
    """

    def __init__(self, store: Store, name: str, packing: str, limit: int) -> None:
        super().__init__(store)
        self._told: dict[str, Any] = {"packing": packing, "limit": limit}
        self._name = name

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Return the bytes of a key.

        Raises
        ------
        ReadError
            If it is a chunk that unpacks to more than it should.
        """
        found = await super().get(key, prototype, byte_range)
        is_chunk = byte_range is None and key.rpartition("/")[2] not in _METADATA
        if found is not None and is_chunk:
            check_packed(self._name, found.to_bytes(), **self._told)
        return found
