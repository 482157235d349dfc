// A GTFS-realtime message, decoded.
const { FeedMessage } = require("gtfs-realtime-bindings").transit_realtime;
const bytes = require("fs").readFileSync(0);

let found;
try {
  found = FeedMessage.toObject(FeedMessage.decode(bytes), { enums: String, longs: Number });
} catch (error) {
  found = { error: String(error) };
}
process.stdout.write(JSON.stringify(found));
