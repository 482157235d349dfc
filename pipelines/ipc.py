"""Tables as bytes: one Arrow IPC stream each, which carries its columns."""

import pyarrow as pa


def packed(table: pa.Table) -> bytes:
    """A table as the bytes of one IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def unpacked(data: bytes) -> pa.Table:
    """The table of an IPC stream; no column is copied."""
    with pa.ipc.open_stream(pa.py_buffer(data)) as reader:
        return reader.read_all()
