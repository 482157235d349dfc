"""Shards: disjoint sets of devices, so that distinct counts of shards add up."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.arrays import column


def shard_of(device: npt.NDArray[np.uint64], shards: int) -> npt.NDArray[np.uint16]:
    """uint16[n]: the shard of each pseudonym, from its upper 32 bits; pseudonyms are uniform already."""
    upper = device >> np.uint64(32)
    return ((upper * np.uint64(shards)) >> np.uint64(32)).astype(np.uint16)


def split(table: pa.Table, shards: int) -> Iterator[pa.Table]:
    """The rows of each shard, in shard order; within a shard in the order of the table."""
    shard = shard_of(column(table, "device").astype(np.uint64, copy=False), shards)
    # NumPy sorts 16-bit numbers stably by radix.
    rows = table.take(pa.array(np.argsort(shard, kind="stable"))).combine_chunks()
    ends = np.cumsum(np.bincount(shard, minlength=shards)).tolist()
    return (rows.slice(start, end - start) for start, end in zip([0, *ends[:-1]], ends, strict=True))
