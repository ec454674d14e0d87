// Writes docs/supported-ops.md from what the packages themselves list; with --check, fails where the file says something else.
import { readFileSync, writeFileSync } from 'node:fs';
import { tfjsTypes } from '@tenon/backend-tfjs';
import { convertibleTypes } from '@tenon/onnx';
import { hostTypes } from '@tenon/runtime';
import { differentiableTypes } from '@tenon/training';

const FILE = new URL('../../docs/supported-ops.md', import.meta.url);

const columns = [
  ['host', hostTypes()],
  ['ONNX Runtime', convertibleTypes()],
  ['TensorFlow.js', tfjsTypes()],
  ['gradient', differentiableTypes()],
].map(([title, types]) => ({ title, types: new Set(types) }));
const types = [...new Set(columns.flatMap(({ types }) => [...types]))].sort();
const row = (cells) => `| ${cells.join(' | ')} |`;

const text = `# Supported ops

${columns.map(({ title, types }) => `${types.size} ${title}`).join(', ')}. Written by \`npm run docs:ops\` from the packages' own lists.

**host**: there is a kernel that runs it everywhere. **ONNX Runtime**, **TensorFlow.js**: it runs there where its data types, attributes and constants allow it and there is
enough work to be worth it; else the host kernel does. **gradient**: \`gradients\` of \`@tenon/training\` has a rule for it. Calls of functions are inlined and need no kernel; the control flow
of TensorFlow 1 (\`Switch\`, \`Merge\`, \`Enter\`, …) becomes \`If\` and \`While\` when a graph is read. \`tenon inspect HANDLE\` says where each operation of a module would run.
What is missing here: [adding an op](adding-an-op.md).

${row(['op', ...columns.map(({ title }) => title)])}
${row(['---', ...columns.map(() => ':-:')])}
${types.map((type) => row([`\`${type}\``, ...columns.map(({ types }) => (types.has(type) ? '✓' : ''))])).join('\n')}
`;

if (!process.argv.includes('--check')) writeFileSync(FILE, text);
else if (readFileSync(FILE, 'utf8') !== text) {
  console.error('docs/supported-ops.md is not what the packages say. Write it anew: npm run docs:ops');
  process.exitCode = 1;
}
