// RDF in Turtle as N3.js reads it, and RDF/XML as rdfxml-streaming-parser does: its statements, sorted.
const { Parser } = require("n3");
const { RdfXmlParser } = require("rdfxml-streaming-parser");
const { syntax, text } = JSON.parse(require("fs").readFileSync(0, "utf8"));

function told(term) {
  if (term.termType !== "Literal") return term.value;
  return { value: term.value, type: term.datatype.value, language: term.language };
}

function statements(quads) {
  const lines = quads.map((quad) => [quad.subject.value, quad.predicate.value, told(quad.object)]);
  return { statements: lines.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
}

function turtle() {
  return Promise.resolve().then(() => new Parser().parse(text));
}

function xml() {
  return new Promise((resolve, reject) => {
    const quads = [];
    const parser = new RdfXmlParser();
    parser.on("data", (quad) => quads.push(quad)).on("error", reject).on("end", () => resolve(quads));
    parser.write(text);
    parser.end();
  });
}

(syntax === "turtle" ? turtle() : xml())
  .then(statements, (error) => ({ error: String(error.message ?? error) }))
  .then((found) => process.stdout.write(JSON.stringify(found)));
