"""What the server keeps of reports: a row for each, its events that are only added to, and who reported if it is kept.

Instants are whole seconds since 1970 in UTC, so that both databases compare them alike.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

METADATA: Final = MetaData()

REPORTS: Final = Table(
    "reports",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("service_code", String(64), nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("expected_at", BigInteger, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("address", Text, nullable=False),
    Column("address_id", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("media_url", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("photo", String(64), nullable=False),
    Index("reports_requested_at", "requested_at"),
    Index("reports_photo", "photo"),
)

EVENTS: Final = Table(
    "report_events",
    METADATA,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("outage_start", BigInteger),
    Column("outage_end", BigInteger),
)

CONTACTS: Final = Table(
    "report_contacts",
    METADATA,
    Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
)
