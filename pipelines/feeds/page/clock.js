"use strict";
// What the page says for another moment than that of its build, by the rules of schedule.py and reader.py. Instants are
// minutes after `base`, so that a reader in another time zone sees the same.
const data = JSON.parse(document.getElementById("data").textContent);
const w = data.words, french = data.language === "fr", MINUTE = 60000, DAY = 864e5;
const base = Date.parse(data.base), dash = "\u00a0– ";
const all = (query, within = document) => [...within.querySelectorAll(query)];
const fill = (text, ...values) => values.reduce((said, value) => said.replace("{}", () => value), text);
const pad = (number) => String(number).padStart(2, "0");
const town = new Intl.DateTimeFormat("en-GB", { timeZone: data.zone, year: "numeric", month: "numeric", day: "numeric",
    hour: "numeric", minute: "numeric", hourCycle: "h23" });

// What the town's clock shows at a time in milliseconds; `wall` is the same as if it were UTC.
function shownAt(time) {
    const part = {};
    for (const each of town.formatToParts(time)) part[each.type] = Number(each.value);
    const wall = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute);
    const number = Math.floor(wall / DAY);
    return { ...part, wall, number, weekday: (((number + 3) % 7) + 7) % 7 };
}
const known = new Map();
function local(minute) {
    const whole = Math.floor(minute);
    if (!known.has(whole)) known.set(whole, shownAt(base + whole * MINUTE));
    return known.get(whole);
}
const offset = (time) => shownAt(time).wall - Math.floor(time / MINUTE) * MINUTE;

// The minute at which the clock shows a time: the first one of two, and what it would be where the clock leaves it out.
function minuteOf(wall) {
    const before = offset(wall - DAY), after = offset(wall + DAY);
    const first = wall - before, second = wall - after;
    const time = offset(first) === before || offset(second) !== after ? first : second;
    return (time - base) / MINUTE;
}

// The moment that the address asks for: null where it asks for none, NaN where it cannot be read.
function asked() {
    const text = new URLSearchParams(location.search).get("at");
    if (text === null || text === "") return null;
    const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+ -]\d\d:\d\d)?$/.exec(text);
    const wall = found ? Date.parse(`${found[1]}T${found[2]}Z`) : NaN;
    if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 16) !== `${found[1]}T${found[2]}`) return NaN;
    return found[4] ? (Date.parse(text.replace(" ", "+")) - base) / MINUTE : minuteOf(wall);
}

const dayNumber = (shown) => (french && shown.day === 1 ? "1er" : String(shown.day));
const dayMonth = (shown) => `${dayNumber(shown)}\u00a0${w.months[shown.month - 1]}`;
const full = (shown) => `${dayMonth(shown)} ${shown.year}`;
function clock(shown) {
    if (!french) return `${shown.hour}:${pad(shown.minute)}`;
    return `${shown.hour}\u00a0h${shown.minute ? `\u00a0${pad(shown.minute)}` : ""}`;
}
const moment = (shown) => fill(w.moment, `${w.days[shown.weekday]} ${full(shown)}`, clock(shown));
function since(minute) {
    const shown = local(minute);
    return shown.hour || shown.minute ? fill(w.moment, full(shown), clock(shown)) : full(shown);
}
function when(minute, now, closing) {
    const shown = local(minute);
    let ahead = shown.number - local(now).number;
    if (closing && ahead === 1 && shown.hour < 6) ahead = 0;
    if (ahead <= 0) return closing && !shown.hour && !shown.minute ? w.at_midnight : fill(w.at, clock(shown));
    if (ahead === 1) return fill(w.tomorrow, clock(shown));
    if (ahead < 7) return fill(w.on_weekday, w.days[shown.weekday], clock(shown));
    return fill(w.on_date, dayMonth(shown), clock(shown));
}

// The state of a schedule and what is said beside it. Beyond what is known it is unknown, never open.
function mark(bounds, valid, now) {
    if (now >= valid) return ["unknown", fill(w.since, since(valid))];
    if (now < 0) return ["unknown", fill(w.only_from, since(0))];
    if (now >= data.horizon) return ["unknown", fill(w.only_until, since(data.horizon))];
    const later = bounds.length % 2 ? bounds[bounds.length - 1] : null;
    const opens = (minute) => (minute === null ? "" : fill(w.opens, when(minute, now, false)));
    for (let place = 0; place + 1 < bounds.length; place += 2) {
        const start = bounds[place], end = bounds[place + 1];
        if (now < start) return ["closed", opens(start)];
        if (now < end) {
            const closes = end >= data.horizon ? later : end === valid ? null : end;
            return ["open", closes === null ? "" : fill(w.closes, when(closes, now, true))];
        }
    }
    return ["closed", opens(later)];
}

function times(bounds, begins, ends, valid) {
    if (ends > valid || begins < 0 || ends > data.horizon) return w.not_known;
    const told = [];
    for (let place = 0; place + 1 < bounds.length; place += 2) {
        const start = Math.max(bounds[place], begins), end = Math.min(bounds[place + 1], ends);
        if (start === begins && end === ends) return w.all_day;
        if (start < end) told.push(`${clock(local(start))}${dash}${end === ends ? w.midnight : clock(local(end))}`);
    }
    return told.join(", ") || w.not_open;
}
function week(item, now) {
    const bounds = data.schedules[item.dataset.s], valid = Number(item.dataset.v ?? Infinity), rows = [];
    const today = local(now).number;
    for (let day = 0; day < 7; day += 1) {
        const [begins, ends] = [today + day, today + day + 1].map((number) => minuteOf(number * DAY));
        const told = times(bounds, begins, ends, valid), shown = local(begins);
        const name = `${w.short[shown.weekday]}\u00a0${dayNumber(shown)}`;
        if (day > 1 && rows[rows.length - 1][2] === told) rows[rows.length - 1][1] = name;
        else rows.push([day ? name : w.today, day ? name : w.today, told]);
    }
    item.querySelector("tbody").replaceChildren(...rows.map(([first, last, told]) => {
        const row = document.createElement("tr"), head = document.createElement("th"), cell = document.createElement("td");
        head.scope = "row";
        head.textContent = first === last ? first : first + dash + last;
        cell.textContent = told;
        row.append(head, cell);
        return row;
    }));
}
