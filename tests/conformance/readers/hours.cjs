// Opening hours as opening_hours.js evaluates them in France: a digit for each instant, 1 for open, ? for unknown.
const OpeningHours = require("opening_hours");
const { values, instants } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const place = { lat: 47.32, lon: 5.04, address: { country_code: "fr", state: "Bourgogne-Franche-Comté" } };
const digits = { open: "1", closed: "0", unknown: "?" };
const dates = instants.map((seconds) => new Date(seconds * 1000));

const results = values.map((value) => {
  try {
    const hours = new OpeningHours(value, place);
    const states = dates.map((date) => digits[hours.getStateString(date, true)]).join("");
    return { states, warnings: hours.getWarnings() };
  } catch (error) {
    return { error: String(error) };
  }
});
process.stdout.write(JSON.stringify(results));
