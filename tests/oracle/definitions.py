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
CREATE MACRO half_of(us, whole_us) AS us > 0 AND 2 * us >= whole_us;
CREATE MACRO departement_of(home) AS
    CASE WHEN regexp_full_match(home, '..[0-9]{3}') THEN (
        SELECT any_value(code) FROM departements WHERE code = left(home, CASE WHEN home LIKE '97%' THEN 3 ELSE 2 END)
    ) END;
CREATE MACRO device_of(holder, subscriber) AS coalesce('holder|' || holder, subscriber);
CREATE MACRO class_of(is_foreign, class) AS CASE WHEN is_foreign THEN 'foreign' ELSE coalesce(class, 'unknown') END;
CREATE MACRO category_of(is_foreign, is_resident, night) AS
    CASE WHEN is_resident THEN 'resident' WHEN is_foreign THEN 'foreign ' ELSE '' END
    || CASE WHEN is_resident THEN '' WHEN night THEN 'tourist' ELSE 'excursionist' END;
CREATE TABLE stands_for AS
SELECT n AS signals, fsum(1 / power(i, n + 2)) AS visits FROM range(1, 13) s(n), range(1, 100000) t(i) GROUP BY n;
"""

# The SIMs of a holder in the order of their identifiers' bytes: what the first one states holds for them all.
# Then every row of the input, with the first reason why it is rejected, if it is.
JUDGED = """
CREATE TABLE sims AS
SELECT subscriber_id, line_type, opted_out, device_of(holder, subscriber_id) AS device,
       row_number() OVER of_one_person - 1 AS line,
       first_value(age_band) OVER of_one_person AS age_band, first_value(spc) OVER of_one_person AS spc,
       first_value(home_zone) OVER of_one_person AS home_zone
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
       CASE WHEN s.spc IN $spc THEN s.spc END AS spc, s.home_zone
FROM distinct_rows d LEFT JOIN sims s ON s.subscriber_id = d.subscriber_id;
"""

ACCOUNTING = """
SELECT 'rows in' AS outcome, '' AS reason, count(*) AS "rows" FROM judged
UNION ALL SELECT 'rejected', reason, count(*) FROM judged WHERE reason IS NOT NULL GROUP BY reason
UNION ALL SELECT 'duplicate', '', count(*) - (SELECT count(*) FROM accepted) FROM judged WHERE reason IS NULL
UNION ALL SELECT 'accepted', '', count(*) FROM accepted
ORDER BY outcome, reason
"""

# The day's events of each device in their order. `home_mcc` is the first that the device's events have stated so far.
SIGHTINGS = """
CREATE OR REPLACE TABLE sightings AS
WITH of_the_day AS (SELECT * FROM accepted WHERE event_us >= $day_starts AND event_us < $day_ends),
     numbered AS (SELECT device, row_number() OVER (ORDER BY device) AS number
                  FROM (SELECT DISTINCT device FROM of_the_day))
SELECT n.number AS device, e.device AS name, e.cell_id, e.event_us, e.age_band, e.spc, e.home_zone,
       row_number() OVER in_order AS position, first_value(e.home_mcc IGNORE NULLS) OVER so_far AS home_mcc
FROM of_the_day e
JOIN numbered n ON n.device = e.device
WINDOW in_order AS (PARTITION BY n.number ORDER BY e.event_us, e.cell_id, e.type_rank, e.line),
       so_far AS (PARTITION BY n.number ORDER BY e.event_us, e.cell_id, e.type_rank, e.line
                  ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
"""

# A stay is a maximal run of consecutive events in one cell whose reaches of 110 minutes meet. It reaches as far to
# either side, but no further than half of the way to the event beside it, nor out of the day. It is foreign by the home
# country known at its first event.
STAYS = """
CREATE OR REPLACE TABLE stays AS
WITH with_before AS (
    SELECT *, lag(event_us) OVER in_order AS before_us, lag(cell_id) OVER in_order AS cell_before
    FROM sightings WINDOW in_order AS (PARTITION BY device ORDER BY position)
), with_begins AS (
    SELECT *, before_us IS NULL OR event_us - before_us > 2 * minutes(110) OR cell_id <> cell_before AS begins,
           before_us IS NULL OR event_us - before_us > minutes(5) AS is_signal
    FROM with_before
), with_sequence AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY device ORDER BY position) - 1 AS sequence
    FROM with_begins
), runs AS (
    SELECT device, any_value(name) AS name, sequence, any_value(cell_id) AS cell_id,
           min(event_us) AS start_us, max(event_us) AS last_us, count(*) FILTER (is_signal) AS signals,
           any_value(home_mcc) FILTER (begins) AS home_mcc, any_value(age_band) AS age_band, any_value(spc) AS spc,
           any_value(home_zone) AS home_zone
    FROM with_sequence GROUP BY device, sequence
), with_neighbours AS (
    SELECT *, lag(last_us) OVER in_order AS previous_us, lead(start_us) OVER in_order AS next_us
    FROM runs WINDOW in_order AS (PARTITION BY device ORDER BY sequence)
)
SELECT device, name, sequence::INTEGER AS sequence, cell_id, start_us, last_us,
       greatest(start_us - minutes(110), $day_starts, coalesce((previous_us + start_us) // 2, $day_starts)) AS begin_us,
       least(last_us + minutes(110), $day_ends, coalesce((last_us + next_us) // 2, $day_ends)) AS end_us,
       signals, home_mcc, coalesce(home_mcc NOT IN $domestic_mcc, false) AS is_foreign, age_band, spc, home_zone
FROM with_neighbours;
"""

# How many thousandths of people a stay's device stands for, by what is known of it at that stay.
WEIGHED = """
CREATE OR REPLACE TABLE weighed AS
SELECT s.*, CASE WHEN s.is_foreign THEN f.weight ELSE d.weight END AS weight
FROM stays s
LEFT JOIN domestic_weights d
       ON d.home_zone IS NOT DISTINCT FROM s.home_zone AND d.age_band = coalesce(s.age_band, 'unknown')
LEFT JOIN foreign_weights f ON f.mcc = s.home_mcc;
"""

# What is known of a device on the day: what is known of its last stay.
DEVICES = """
CREATE OR REPLACE TABLE devices AS
SELECT device, name, is_foreign, class_of(is_foreign, age_band) AS age_band, class_of(is_foreign, spc) AS spc, weight,
       CASE WHEN is_foreign THEN coalesce(country, 'ZZ')
            WHEN home_zone IN (SELECT zone_id FROM nesting) AND departement_of(home_zone) IS NOT NULL THEN home_zone
            ELSE coalesce(departement_of(home_zone), 'unknown') END AS origin
FROM weighed LEFT JOIN countries ON mcc = home_mcc
QUALIFY row_number() OVER (PARTITION BY device ORDER BY sequence DESC) = 1;
"""

# In each slot a device is in the hexagon where it spent most of the slot; of equals, in the latest. It is counted there
# as what is known of its latest stay in that hexagon and slot.
WHEREABOUTS = """
CREATE OR REPLACE TABLE whereabouts AS
WITH slot_edges AS (SELECT slot, epoch_us(starts) AS starts_us, epoch_us(ends) AS ends_us FROM slots),
drawn AS (
    SELECT w.*, h.hexagon FROM weighed w JOIN hexagons h ON h.device = w.name AND h.cell_id = w.cell_id
), overlapping AS (
    SELECT device, slot, hexagon, sequence, least(end_us, ends_us) - greatest(begin_us, starts_us) AS overlap
    FROM drawn JOIN slot_edges ON begin_us < ends_us AND end_us > starts_us
    WHERE begin_us < end_us
), without_length AS (
    SELECT device, slot, hexagon, sequence, 0 AS overlap
    FROM drawn JOIN slot_edges ON begin_us >= starts_us AND begin_us < ends_us
    WHERE begin_us = end_us
), touching AS (
    FROM overlapping UNION ALL FROM without_length
), by_hexagon AS (
    SELECT device, slot, hexagon, sum(overlap) AS overlap, max(sequence) AS sequence
    FROM touching GROUP BY device, slot, hexagon
), counted AS (
    SELECT device, slot, hexagon, sequence FROM by_hexagon
    QUALIFY row_number() OVER (PARTITION BY device, slot ORDER BY overlap DESC, sequence DESC) = 1
)
SELECT device, slot, hexagon, class_of(is_foreign, age_band) AS age_band, class_of(is_foreign, spc) AS spc, weight
FROM counted JOIN weighed USING (device, sequence);
"""

# A device is missing for three hours after a stay, or until it is known again. Who is known in a slot stands for those
# who are missing in all of it.
RAISED = """
CREATE OR REPLACE TABLE raised AS
WITH slot_edges AS (SELECT slot, epoch_us(starts) AS starts_us, epoch_us(ends) AS ends_us FROM slots),
silences AS (
    SELECT end_us AS from_us,
           least(end_us + minutes(180), $day_ends,
                 lead(begin_us, 1, $day_ends) OVER (PARTITION BY device ORDER BY sequence)) AS until_us
    FROM stays
), missing AS (
    SELECT slot, count(*) AS missing FROM silences JOIN slot_edges ON from_us <= starts_us AND until_us >= ends_us
    WHERE from_us < until_us GROUP BY slot
), known AS (
    SELECT slot, count(*) AS known FROM whereabouts GROUP BY slot
)
SELECT slot, coalesce(known, 0) AS known, coalesce(missing, 0) AS missing,
       1 + coalesce(missing, 0) / greatest(coalesce(known, 0), 1) AS raised
FROM slot_edges LEFT JOIN known USING (slot) LEFT JOIN missing USING (slot);
"""

# The slot that holds the half hour stands for the hour.
HALF_HOURS = """
CREATE OR REPLACE TABLE half_hours AS
WITH slot_edges AS (SELECT slot, epoch_us(starts) AS starts_us, epoch_us(ends) AS ends_us FROM slots),
     halves AS (SELECT epoch_us(starts) + minutes(30) AS half_us FROM hours)
SELECT slot FROM slot_edges JOIN halves ON starts_us <= half_us AND half_us < ends_us;
"""

# Stays at their places. A silence of at most four hours between two stays at one place is time there. A side of a stay
# that meets no other ends a quarter of the device's mean time between signals beyond the event. At night a device lies
# where it was in the evening: to the middle of the silence, or to the end of the day.
LOCATED = """
CREATE OR REPLACE TABLE edges AS
SELECT device, floor(0.25 * sum(end_us - begin_us) / greatest(sum(signals), 1))::BIGINT AS edge_us
FROM stays GROUP BY device;

CREATE OR REPLACE TABLE located AS
WITH placed AS (
    SELECT s.*, p.place, e.edge_us, s.last_us >= $night_starts - minutes(240) AS in_the_evening
    FROM stays s JOIN places p ON p.device = s.name AND p.sequence = s.sequence JOIN edges e ON e.device = s.device
), with_next AS (
    SELECT *, lead(begin_us) OVER in_order AS next_begin_us, lead(place) OVER in_order AS next_place
    FROM placed WINDOW in_order AS (PARTITION BY device ORDER BY sequence)
), joined AS (
    SELECT *, coalesce(next_begin_us <= end_us, false) AS meets,
           coalesce(next_place = place AND next_begin_us - end_us <= minutes(240), false) AS filled
    FROM with_next
), timed AS (
    SELECT *, CASE WHEN filled THEN next_begin_us WHEN meets THEN end_us
                   ELSE least(end_us, last_us + edge_us) END AS until_us,
           CASE WHEN lag(filled OR meets, 1, false) OVER in_order THEN begin_us
                ELSE greatest(begin_us, start_us - edge_us) END AS since_us
    FROM joined WINDOW in_order AS (PARTITION BY device ORDER BY sequence)
), slept AS (
    SELECT *, CASE WHEN NOT in_the_evening THEN until_us WHEN next_begin_us IS NULL THEN $day_ends
                   ELSE (until_us + lead(since_us) OVER in_order) // 2 END AS sleep_ends_us
    FROM timed WINDOW in_order AS (PARTITION BY device ORDER BY sequence)
), lain AS (
    SELECT *, CASE WHEN lag(in_the_evening) OVER in_order THEN lag(sleep_ends_us) OVER in_order
                   ELSE since_us END AS sleep_begins_us
    FROM slept WINDOW in_order AS (PARTITION BY device ORDER BY sequence)
)
SELECT device, name, sequence, place, home_zone, signals, start_us, last_us, since_us, until_us,
       greatest(least(sleep_ends_us, $night_ends) - greatest(sleep_begins_us, $night_starts), 0) AS asleep_us
FROM lain;

CREATE OR REPLACE TABLE places_of_devices AS
SELECT place, any_value(name) AS device, any_value(home_zone) AS home_zone,
       half_of(sum(asleep_us), $night_ends - $night_starts) AS asleep
FROM located GROUP BY place;
"""

# A visit is all of a device's time in a zone, if that is at least 15 minutes.
VISITS = """
CREATE OR REPLACE TABLE hour_edges AS
SELECT hour, clock, epoch_us(starts) AS hour_starts_us FROM hours;

CREATE OR REPLACE TABLE stays_in_zones AS
SELECT l.*, zone_id FROM located l JOIN sites USING (place) JOIN zones USING (hexagon);

CREATE OR REPLACE TABLE visits AS
WITH times AS (
    SELECT device, zone_id, sum(until_us - since_us)::BIGINT AS dwell_us, min(since_us) AS arrived_us,
           half_of(sum(asleep_us), $night_ends - $night_starts) AS night, sum(signals)::INTEGER AS signals
    FROM stays_in_zones GROUP BY device, zone_id
)
SELECT device, zone_id, dwell_us, clock AS arrival, night, signals
FROM times ASOF JOIN hour_edges ON arrived_us >= hour_starts_us
WHERE dwell_us >= minutes(15);
"""

# An activity is unbroken time at one place, of at least 15 minutes. A trip leads from one to the next.
TRIPS = """
CREATE OR REPLACE TABLE activities AS
WITH with_before AS (
    SELECT *, lag(place) OVER in_order AS place_before, lag(until_us) OVER in_order AS until_before_us
    FROM located JOIN sites USING (place) WINDOW in_order AS (PARTITION BY device ORDER BY sequence)
), numbered AS (
    SELECT *, sum((place_before IS NULL OR place <> place_before OR since_us > until_before_us)::INTEGER)
           OVER (PARTITION BY device ORDER BY sequence) AS run
    FROM with_before
)
SELECT device, run, any_value(hexagon) AS hexagon, min(start_us) AS start_us, max(last_us) AS last_us,
       max(until_us) AS left_us
FROM numbered GROUP BY device, run HAVING max(until_us) - min(since_us) >= minutes(15);

CREATE OR REPLACE TABLE trips AS
WITH with_next AS (
    SELECT *, lead(hexagon) OVER in_order AS next_hexagon, lead(start_us) OVER in_order AS next_start_us
    FROM activities WINDOW in_order AS (PARTITION BY device ORDER BY run)
), layers AS (
    SELECT DISTINCT zone_id, layer FROM nesting
), layered AS (
    SELECT hexagon, zone_id, layer FROM zones JOIN layers USING (zone_id)
), moves AS (
    SELECT device, left_us, a.zone_id AS from_zone, b.zone_id AS to_zone
    FROM with_next m JOIN layered a ON a.hexagon = m.hexagon JOIN layered b ON b.hexagon = m.next_hexagon
    WHERE a.layer = b.layer AND a.zone_id <> b.zone_id AND next_start_us - last_us <= minutes(240)
)
SELECT DISTINCT device, hour, from_zone, to_zone FROM moves ASOF JOIN hour_edges ON left_us >= hour_starts_us;
"""

# A device crosses a zone where it has stays that make no visit, in the hours in which they start.
CROSSINGS = """
CREATE OR REPLACE TABLE crossings AS
WITH passing AS (
    SELECT device, zone_id, start_us FROM stays_in_zones ANTI JOIN visits USING (device, zone_id)
)
SELECT DISTINCT device, hour, zone_id FROM passing ASOF JOIN hour_edges ON start_us >= hour_starts_us;
"""

# Each zone as a part of its own.
EACH_ZONE = """
CREATE OR REPLACE TABLE part_zones AS SELECT DISTINCT zone_id AS part, zone_id FROM nesting;
"""

# The devices of parts, which are sets of zones: `part_zones` (part, zone_id). A device counts once in a part. A visit
# with n signals stands for zeta(n + 2) visits, since some like it were not noticed.
ATTENDED = """
CREATE OR REPLACE TABLE residents AS
SELECT DISTINCT part, n.zone_id AS commune FROM part_zones p JOIN nesting n ON n.within = p.zone_id
WHERE departement_of(n.zone_id) IS NOT NULL;

CREATE OR REPLACE TABLE attended AS
WITH in_parts AS (
    SELECT part, device, sum(dwell_us)::BIGINT AS dwell_us,
           arg_min(arrival, (arrival + 24 - (SELECT clock FROM hours WHERE hour = 0)) % 24) AS arrival,
           bool_or(night) AS night, sum(signals) AS signals
    FROM visits JOIN part_zones USING (zone_id) GROUP BY part, device
)
SELECT p.part, device, dwell_band_of(dwell_us) AS dwell_band, printf('%02d', arrival) AS arrival_hour, night, age_band,
       spc, origin, category_of(is_foreign, commune IS NOT NULL AND NOT is_foreign, night) AS visitor_category,
       round_even(weight * visits, 0)::BIGINT AS weight
FROM in_parts p JOIN devices USING (device) JOIN stands_for s ON s.signals = least(greatest(p.signals, 1), 12)
LEFT JOIN residents r ON r.part = p.part AND r.commune = origin;
"""


def _presence(attribute: str) -> str:
    """Presence in the half hours by an attribute."""
    return f"""
        SELECT slot, hexagon, {attribute}, count(*) AS devices,
               round_even(sum(weight) * any_value(raised), 0)::BIGINT AS weight
        FROM whereabouts SEMI JOIN half_hours USING (slot) JOIN raised USING (slot) GROUP BY ALL ORDER BY ALL"""


def _attendance(*classes: str) -> str:
    """The devices of parts by classes."""
    return f"""
        SELECT {", ".join(("part AS zone_id", *classes))}, count(*) AS devices, sum(weight)::BIGINT AS weight
        FROM attended GROUP BY ALL ORDER BY ALL"""


OF_PARTS = {
    "attendance": _attendance(),
    "attendance_by_age": _attendance("age_band"),
    "attendance_by_spc": _attendance("spc"),
    "attendance_by_category": _attendance("visitor_category"),
    "attendance_by_origin": _attendance("origin"),
    "dwell": _attendance("dwell_band"),
    "dwell_by_arrival": _attendance("dwell_band", "arrival_hour"),
    "nights": _attendance("visitor_category", "night"),
}

ANSWERS = {
    "presence": """
        SELECT slot, hexagon, count(*) AS devices, round_even(sum(weight) * any_value(raised), 0)::BIGINT AS weight
        FROM whereabouts JOIN raised USING (slot) GROUP BY ALL ORDER BY ALL""",
    "presence_by_age": _presence("age_band"),
    "presence_by_spc": _presence("spc"),
    **OF_PARTS,
    "flows": """
        SELECT hour, from_zone, to_zone, count(*) AS devices, sum(weight)::BIGINT AS weight
        FROM trips JOIN devices USING (device) GROUP BY ALL ORDER BY ALL""",
    "transit": """
        SELECT hour, zone_id, count(*) AS devices, sum(weight)::BIGINT AS weight
        FROM crossings JOIN devices USING (device) GROUP BY ALL ORDER BY ALL""",
}
"""Exact counts by indicator and what they stand for; foreign devices are one class, `foreign`, of age_band and spc."""
