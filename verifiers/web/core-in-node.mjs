// Runs the core script of index.html under node, for the tests: one case a line in, one answer a line out.
//
// The script is taken out of the page as it is, and gets what it has in a browser: WebCrypto, TextEncoder, TextDecoder.
// Node 18 keeps its WebCrypto in `node:crypto` where later ones have it in `crypto`, too; it is the same.
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";
import vm from "node:vm";

const page = readFileSync(new URL("index.html", import.meta.url), "utf8");
const [, core] = /<script id="core">([^]*?)<\/script>/.exec(page);
const crypto = globalThis.crypto ?? webcrypto;
const context = vm.createContext({ crypto, TextEncoder, TextDecoder, Uint8Array });
const verifier = vm.runInContext(`${core}\nWritVerify`, context, { filename: "index.html" });

const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));

/** Whether a key would be taken, and the signature is its own. */
async function signatureAnswer({ key, message, signature }) {
  const isValid =
    verifier.isStrongPoint(bytes(key)) && (await verifier.isSignature(bytes(key), bytes(signature), bytes(message)));
  return { status: isValid ? 0 : 5, output: "" };
}

/** The exit status and the output that writ-verify has for the same case. */
async function answer({ keys, receipt, asked, ed25519 }) {
  if (ed25519) return signatureAnswer(ed25519);
  if (asked) {
    for (const name of ["request", "opening", "redemption"]) {
      if (asked[name] !== undefined) asked[name] = bytes(asked[name]);
    }
  }
  try {
    const report = await verifier.check({ keys, receipt: bytes(receipt), asked });
    return { status: report.isVerified ? 0 : 5, output: verifier.reportJSON(report) };
  } catch (error) {
    if (error instanceof verifier.Usage) return { status: 64, output: "", words: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
}
