// Checks dashboards against the types of dashboard.d.ts: node check.mjs FILE...
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = dirname(fileURLToPath(import.meta.url));
const files = process.argv.slice(2);
// The compiler gets one source per dashboard, with the dashboard's JSON as its value.
const head = "import type { DashboardJSON } from './dashboard';\nexport const dashboard: DashboardJSON =\n";
const sources = new Map(files.map((file) => [join(here, basename(file, '.json') + '.ts'), head + readFileSync(file, 'utf8')]));

const options = {
  noEmit: true, strict: true, skipLibCheck: true, types: [],
  target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
};
const host = ts.createCompilerHost(options);
const { fileExists, readFile } = host;
host.fileExists = (name) => sources.has(name) || fileExists(name);
host.readFile = (name) => sources.get(name) ?? readFile(name);
const { getSourceFile } = host;
host.getSourceFile = (name, ...rest) =>
  sources.has(name) ? ts.createSourceFile(name, sources.get(name), ...rest) : getSourceFile(name, ...rest);

const found = ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
for (const d of found) {
  const line = d.file ? d.file.getLineAndCharacterOfPosition(d.start).line - 1 : 0;
  console.error(`${d.file ? basename(d.file.fileName, '.ts') + '.json' : ''}:${line}: ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`);
}
console.log(`${files.length} dashboards, ${found.length} problems`);
process.exitCode = found.length > 0 || files.length === 0 ? 1 : 0;
