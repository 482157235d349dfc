"""The definitions of what is counted, each one SQL statement, named by the words of the glossary.

Instants are microseconds since the epoch (`_us`). Texts are compared as bytes (DuckDB's default collation).
"""

EVENT_TYPES = ("attach", "detach", "location_update", "handover", "call", "sms", "data")
AGE_BANDS = ("<18", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
SPC = ("1", "2", "3", "4", "5", "6", "7", "8")
EXCLUDED_LINES = ("m2m", "iot", "watch", "wearable", "secondary", "secondary_sim")

MACROS = """
CREATE MACRO known_mcc(mcc) AS CASE WHEN mcc BETWEEN 200 AND 799 THEN mcc END;
CREATE MACRO imsi_mcc(subscriber) AS
    CASE WHEN regexp_full_match(subscriber, '[0-9]{15}') THEN known_mcc(left(subscriber, 3)::INTEGER) END;
CREATE MACRO plain(text) AS replace(replace(lower(text), '-', '_'), ' ', '_');
CREATE MACRO minutes(n) AS n * 60000000::BIGINT;
CREATE MACRO dwell_band_of(us) AS
    CASE WHEN us < minutes(30) THEN '<30 min' WHEN us < minutes(60) THEN '30-60 min' WHEN us < minutes(120) THEN '1-2 h'
         WHEN us < minutes(240) THEN '2-4 h' WHEN us < minutes(480) THEN '4-8 h' ELSE '>=8 h' END;
CREATE MACRO device_of(holder, subscriber) AS coalesce('holder|' || holder, subscriber);
CREATE MACRO class_of(is_foreign, class) AS CASE WHEN is_foreign THEN 'foreign' ELSE coalesce(class, 'unknown') END;
"""

# The SIMs of a holder in the order of their identifiers' bytes: what the first one states holds for them all.
# Then every row of the input, with the first reason why it is rejected, if it is.
JUDGED = """
CREATE TABLE sims AS
SELECT subscriber_id, line_type, opted_out, device_of(holder, subscriber_id) AS device,
       row_number() OVER of_one_person - 1 AS line,
       first_value(age_band) OVER of_one_person AS age_band, first_value(spc) OVER of_one_person AS spc
FROM register WINDOW of_one_person AS (PARTITION BY device_of(holder, subscriber_id) ORDER BY subscriber_id);

CREATE TABLE judged AS
SELECT e.subscriber_id, epoch_us(e.event_time) AS event_us, e.cell_id, e.event_type,
       coalesce(known_mcc(e.home_mcc), imsi_mcc(e.subscriber_id)) AS home_mcc,
       CASE WHEN e.event_time IS NULL THEN 'missing event_time'
            WHEN coalesce(e.subscriber_id, '') = '' THEN 'missing subscriber_id'
            WHEN coalesce(e.cell_id, '') = '' THEN 'missing cell_id'
            WHEN e.event_type NOT IN $event_types THEN 'unknown event_type'
            WHEN e.cell_id NOT IN (SELECT cell_id FROM cells) THEN 'unknown cell'
            WHEN s.opted_out THEN 'opted out'
            WHEN plain(s.line_type) IN $excluded_lines THEN 'line type left out'
       END AS reason
FROM events e LEFT JOIN sims s ON s.subscriber_id = e.subscriber_id;
"""

# Rows that are equal in subscriber, time, cell and type (no type equals no type) are accepted once, with the smallest
# home country that any of them states.
ACCEPTED = """
CREATE TABLE accepted AS
WITH distinct_rows AS (
    SELECT subscriber_id, event_us, cell_id, event_type, min(home_mcc) AS home_mcc
    FROM judged WHERE reason IS NULL
    GROUP BY subscriber_id, event_us, cell_id, event_type
)
SELECT coalesce(s.device, d.subscriber_id) AS device, d.event_us, d.cell_id, d.home_mcc,
       coalesce(list_position($event_types, d.event_type), 0) AS type_rank, coalesce(s.line, 0) AS line,
       CASE WHEN s.age_band IN $age_bands THEN s.age_band END AS age_band,
       CASE WHEN s.spc IN $spc THEN s.spc END AS spc
FROM distinct_rows d LEFT JOIN sims s ON s.subscriber_id = d.subscriber_id;
"""

ACCOUNTING = """
SELECT 'rows in' AS outcome, '' AS reason, count(*) AS "rows" FROM judged
UNION ALL SELECT 'rejected', reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY reason
UNION ALL SELECT 'duplicate', '', count(*) - (SELECT count(*) FROM accepted) FROM judged WHERE reason IS NULL
UNION ALL SELECT 'accepted', '', count(*) FROM accepted
ORDER BY outcome, reason
"""

# The day's events of each device in their order, each with the hexagon drawn for it.
# `home_mcc` is the first that the device's events have stated so far.
SIGHTINGS = """
CREATE OR REPLACE TABLE sightings AS
WITH of_the_day AS (SELECT * FROM accepted WHERE event_us >= $day_starts AND event_us < $day_ends),
     numbered AS (SELECT device, row_number() OVER (ORDER BY device) AS number
                  FROM (SELECT DISTINCT device FROM of_the_day))
SELECT n.number AS device, e.device AS name, h.hexagon, e.event_us, e.age_band, e.spc,
       row_number() OVER in_order AS position, first_value(e.home_mcc IGNORE NULLS) OVER so_far AS home_mcc
FROM of_the_day e
JOIN numbered n ON n.device = e.device
LEFT JOIN hexagons h ON h.device = e.device AND h.cell_id = e.cell_id
WINDOW in_order AS (PARTITION BY n.number ORDER BY e.event_us, e.cell_id, e.type_rank, e.line),
       so_far AS (PARTITION BY n.number ORDER BY e.event_us, e.cell_id, e.type_rank, e.line
                  ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
"""

# A stay is a maximal run of consecutive events in one hexagon, each linked to the one before. It is foreign by the
# home country known at its first event.
STAYS = """
CREATE OR REPLACE TABLE stays AS
WITH with_before AS (
    SELECT *, lag(event_us) OVER in_order AS before_us, lag(hexagon) OVER in_order AS hexagon_before
    FROM sightings WINDOW in_order AS (PARTITION BY device ORDER BY position)
), with_begins AS (
    SELECT *, before_us IS NULL OR event_us - before_us > minutes(60) OR hexagon <> hexagon_before AS begins
    FROM with_before
), with_sequence AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY device ORDER BY position) - 1 AS sequence
    FROM with_begins
), runs AS (
    SELECT device, any_value(name) AS name, sequence, any_value(hexagon) AS hexagon,
           min(event_us) AS start_us, max(event_us) AS last_us, any_value(home_mcc) FILTER (begins) AS home_mcc,
           any_value(age_band) AS age_band, any_value(spc) AS spc
    FROM with_sequence GROUP BY device, sequence
), with_next AS (
    SELECT *, lead(start_us) OVER (PARTITION BY device ORDER BY sequence) AS next_us FROM runs
), with_linked AS (
    SELECT *, coalesce(next_us - last_us <= minutes(60), false) AS linked FROM with_next
)
SELECT device, name, sequence::INTEGER AS sequence, hexagon, start_us, linked,
       CASE WHEN linked THEN next_us ELSE last_us END AS left_us,
       CASE WHEN linked THEN next_us ELSE least(last_us + minutes(60), $day_ends) END AS held_us,
       coalesce(home_mcc NOT IN $domestic_mcc, false) AS is_foreign, age_band, spc
FROM with_linked;
"""

# What is known of a device on the day: what is known of its last stay.
DEVICES = """
CREATE OR REPLACE TABLE devices AS
SELECT device, name, class_of(is_foreign, age_band) AS age_band, class_of(is_foreign, spc) AS spc
FROM stays QUALIFY row_number() OVER (PARTITION BY device ORDER BY sequence DESC) = 1;
"""

# In each slot a device is in the hexagon where it spent most of the slot; of equals, in the latest. It is counted there
# as what is known of its latest stay in that hexagon and slot.
WHEREABOUTS = """
CREATE OR REPLACE TABLE whereabouts AS
WITH slot_edges AS (SELECT slot, epoch_us(starts) AS starts_us, epoch_us(ends) AS ends_us FROM slots),
overlapping AS (
    SELECT device, slot, hexagon, sequence, least(held_us, ends_us) - greatest(start_us, starts_us) AS overlap
    FROM stays JOIN slot_edges ON start_us < ends_us AND held_us > starts_us
    WHERE start_us < held_us
), without_length AS (
    SELECT device, slot, hexagon, sequence, 0 AS overlap
    FROM stays JOIN slot_edges ON start_us >= starts_us AND start_us < ends_us
    WHERE start_us = held_us
), touching AS (
    FROM overlapping UNION ALL FROM without_length
), by_hexagon AS (
    SELECT device, slot, hexagon, sum(overlap) AS overlap, max(sequence) AS sequence
    FROM touching GROUP BY device, slot, hexagon
), counted AS (
    SELECT device, slot, hexagon, sequence FROM by_hexagon
    QUALIFY row_number() OVER (PARTITION BY device, slot ORDER BY overlap DESC, sequence DESC) = 1
)
SELECT device, slot, c.hexagon, class_of(is_foreign, age_band) AS age_band, class_of(is_foreign, spc) AS spc
FROM counted c JOIN stays USING (device, sequence);
"""

# The slot that holds the half hour stands for the hour.
HALF_HOURS = """
CREATE OR REPLACE TABLE half_hours AS
WITH slot_edges AS (SELECT slot, epoch_us(starts) AS starts_us, epoch_us(ends) AS ends_us FROM slots),
     halves AS (SELECT epoch_us(starts) + minutes(30) AS half_us FROM hours)
SELECT slot FROM slot_edges JOIN halves ON starts_us <= half_us AND half_us < ends_us;
"""

# A visit is all of a device's time in a zone; of at least 15 minutes, it is attendance.
ATTENDANCE = """
CREATE OR REPLACE TABLE visits AS
SELECT device, zone_id, sum(left_us - start_us)::BIGINT AS dwell_us
FROM stays JOIN zones USING (hexagon) GROUP BY device, zone_id;

CREATE OR REPLACE TABLE attendances AS
SELECT *, dwell_band_of(dwell_us) AS dwell_band FROM visits WHERE dwell_us >= minutes(15);
"""

ANSWERS = {
    "presence": """
        SELECT slot, hexagon, count(*) AS devices FROM whereabouts GROUP BY ALL ORDER BY ALL""",
    "presence_by_age": """
        SELECT slot, hexagon, age_band, count(*) AS devices
        FROM whereabouts SEMI JOIN half_hours USING (slot) GROUP BY ALL ORDER BY ALL""",
    "presence_by_spc": """
        SELECT slot, hexagon, spc, count(*) AS devices
        FROM whereabouts SEMI JOIN half_hours USING (slot) GROUP BY ALL ORDER BY ALL""",
    "attendance": """
        SELECT zone_id, count(*) AS devices FROM attendances GROUP BY ALL ORDER BY ALL""",
    "attendance_by_age": """
        SELECT zone_id, age_band, count(*) AS devices
        FROM attendances JOIN devices USING (device) GROUP BY ALL ORDER BY ALL""",
    "attendance_by_spc": """
        SELECT zone_id, spc, count(*) AS devices
        FROM attendances JOIN devices USING (device) GROUP BY ALL ORDER BY ALL""",
    "dwell": """
        SELECT zone_id, dwell_band, count(*) AS devices FROM attendances GROUP BY ALL ORDER BY ALL""",
}
"""Exact counts by indicator; foreign devices are one class, `foreign`, of age_band and spc."""
