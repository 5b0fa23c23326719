// What npm's jose says of tokens, with the published keys and as its documentation shows. The first argument is the folder
// that it is installed in.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const installed = createRequire(pathToFileURL(`${process.argv[2]}/`));
const jose = await import(pathToFileURL(installed.resolve("jose")));

let text = "";
for await (const piece of process.stdin) text += piece;
const asked = JSON.parse(text);
const keys = jose.createRemoteJWKSet(new URL(asked.jwks));

const verdicts = {};
for (const { name, token, audience } of asked.cases) {
  try {
    await jose.jwtVerify(token, keys, { issuer: asked.issuer, audience, algorithms: ["ES256"] });
    verdicts[name] = "accepted";
  } catch (refusal) {
    verdicts[name] = `refused: ${refusal.code ?? refusal.message}${refusal.cause ? ` (${refusal.cause.message})` : ""}`;
  }
}
process.stdout.write(JSON.stringify({ jose: verdicts }));
