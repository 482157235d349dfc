// A calendar as ical.js reads it, with the first occurrences of each event.
const ICAL = require("ical.js");
const OCCURRENCES = 60;
const text = require("fs").readFileSync(0, "utf8");

function event(component) {
  const read = new ICAL.Event(component);
  const occurrences = [];
  const iterator = read.iterator();
  for (let next = iterator.next(); next && occurrences.length < OCCURRENCES; next = iterator.next()) {
    occurrences.push(told(next));
  }
  const other = {};
  for (const property of component.getAllProperties()) other[property.name] = String(property.getFirstValue());
  return {
    uid: read.uid, summary: read.summary, description: read.description, location: read.location,
    start: told(read.startDate), end: told(read.endDate), tzid: read.startDate.zone.tzid,
    all_day: read.startDate.isDate, recurring: read.isRecurring(), occurrences, properties: other,
  };
}

// The clock of the event, and the instant in UTC where it is not a day.
function told(time) {
  return time.isDate ? { local: time.toString() } : { local: time.toString(), utc: time.toJSDate().toISOString() };
}

function calendar() {
  const read = new ICAL.Component(ICAL.parse(text));
  for (const zone of read.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return {
    prodid: read.getFirstPropertyValue("prodid"), version: read.getFirstPropertyValue("version"),
    name: read.getFirstPropertyValue("x-wr-calname") ?? read.getFirstPropertyValue("name"),
    events: read.getAllSubcomponents("vevent").map(event),
  };
}

let found;
try {
  found = calendar();
} catch (error) {
  found = { error: String(error) };
}
process.stdout.write(JSON.stringify(found));
