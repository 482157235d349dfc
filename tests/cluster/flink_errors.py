"""What goes wrong with a cluster of Flink."""


class FlinkError(Exception):
    """A cluster of Flink cannot be had, or does not do what it should; the text says what to do."""
