// A JSON Feed against the schema of version 1.1, with ajv.
const Ajv = require("ajv").default;
const formats = require("ajv-formats").default;
const schema = require("jsonfeed-schema/schema-v1.1.json");
const text = require("fs").readFileSync(0, "utf8");

let found;
try {
  const feed = JSON.parse(text);
  const ajv = formats(new Ajv({ allErrors: true, strict: false }));
  const valid = ajv.validate(schema, feed);
  const errors = (ajv.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  found = { valid, errors, items: Array.isArray(feed.items) ? feed.items.length : 0 };
} catch (error) {
  found = { valid: false, errors: [String(error)], items: 0 };
}
process.stdout.write(JSON.stringify(found));
