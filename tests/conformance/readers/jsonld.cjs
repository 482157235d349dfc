// JSON-LD as jsonld.js expands it; contexts come with it, nothing is asked of the network.
const jsonld = require("jsonld");
const { document, contexts } = JSON.parse(require("fs").readFileSync(0, "utf8"));

async function documentLoader(url) {
  if (!(url in contexts)) throw new Error(`no context for ${url}`);
  return { document: contexts[url], documentUrl: url, contextUrl: null };
}

async function found() {
  const nodes = await jsonld.expand(document, { documentLoader, safe: true });
  const quads = await jsonld.toRDF(document, { documentLoader });
  return { nodes, quads: quads.length };
}

found()
  .catch((error) => ({ error: String(error.message ?? error) }))
  .then((told) => process.stdout.write(JSON.stringify(told)));
