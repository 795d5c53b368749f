// Bundles every component into ../static, and records what was built from what.
import { createHash } from "node:crypto";
import { copyFile, readFile, readdir, writeFile } from "node:fs/promises";
import * as esbuild from "esbuild";

const OUT = "../static";
const BUNDLES = ["code_editor", "codemirror", "data_table", "dialog", "secret_box", "stepper", "style", "table_editor", "text_box", "toast", "upload"];

await esbuild.build({
  entryPoints: BUNDLES.map((name) => `${name}.js`),
  outdir: OUT,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "none",
});
await copyFile("workbench.css", `${OUT}/workbench.css`);

const digest = (data) => createHash("sha256").update(data).digest("hex");
const names = (await readdir(".")).filter((n) => /\.(js|mjs|css)$|^package(-lock)?\.json$/.test(n)).sort();
const sources = {};
for (const name of names) sources[name] = digest(await readFile(name));
const built = {};
for (const name of [...BUNDLES.map((n) => `${n}.js`), "workbench.css"].sort()) {
  const data = await readFile(`${OUT}/${name}`);
  built[name] = digest(data);
  console.log(`${name.padEnd(18)} ${(data.length / 1024).toFixed(1).padStart(7)} kB`);
}
// read by a test, which needs no Node.js to tell that sources and bundles belong together
await writeFile(`${OUT}/build.json`, `${JSON.stringify({ sources, built }, null, 2)}\n`);
