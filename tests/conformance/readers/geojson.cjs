// GeoJSON (RFC 7946) as check-geojson judges it.
const { check } = require("@placemarkio/check-geojson");
const text = require("fs").readFileSync(0, "utf8");

let found;
try {
  const read = check(text);
  found = { valid: true, errors: [], features: read.features ? read.features.length : 1 };
} catch (error) {
  const errors = error.issues ? error.issues.map((issue) => issue.message) : [String(error)];
  found = { valid: false, errors, features: 0 };
}
process.stdout.write(JSON.stringify(found));
