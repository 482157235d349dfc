// Rows of lieux de médiation numérique as the library of their standard reads them.
const library = require("@gouvfr-anct/lieux-de-mediation-numerique");
const rows = JSON.parse(require("fs").readFileSync(0, "utf8"));

function row(texts) {
  const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== "" && text !== null));
  try {
    const place = library.fromSchemaLieuDeMediationNumerique(given);
    return { place, structure: library.toSchemaStructureDataInclusion(place) };
  } catch (error) {
    return { error: error.constructor.name, message: String(error.message), field: error.key ?? null };
  }
}
process.stdout.write(JSON.stringify(rows.map(row)));
