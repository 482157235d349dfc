"""The cluster driver: the same functions on Apache Flink, and one process that publishes what they find."""
