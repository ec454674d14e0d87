import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create } from 'tar';
import { load } from './load.js';
import { preflight, type PreflightSignature } from './preflight.js';

const FIXTURES = resolve(__dirname, '../../../tools/fixtures');
const NAMES = ['modules', 'saved_models'].flatMap((folder) =>
  readdirSync(join(FIXTURES, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`),
);

let server: Server;
let directory: string;
let served: { readonly sizes: Map<string, number> };
const handleOf = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;

/** The files of a module as archives have them: in the order of their names, and with the weights at the beginning or the end. */
function archive(folder: string, order: string): Buffer {
  const files = readdirSync(folder).sort();
  const isWeights = (file: string) => (file === 'variables' || file === 'assets' ? 0 : 1);
  if (order === 'weights-first') files.sort((a, b) => isWeights(a) - isWeights(b));
  const parts: Buffer[] = [];
  const packed = create({ cwd: folder, gzip: true, sync: true }, files);
  for (let part; (part = packed.read()) !== null;) parts.push(part);
  return Buffer.concat(parts);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tenon-preflight-'));
  process.env['TFHUB_CACHE_DIR'] = join(directory, 'cache');
  served = { sizes: new Map() };
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://x');
    const [, order, ...name] = pathname.split('/');
    const body = archive(resolve(FIXTURES, name.join('/')), order!);
    served.sizes.set(name.join('/'), body.length);
    response.writeHead(200, { 'content-length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  delete process.env['TFHUB_CACHE_DIR'];
  server.close();
  server.closeAllConnections();
  rmSync(directory, { recursive: true });
});

/** What a verdict says, but for the names of files, which are not here yet. */
const verdict = ({
  name,
  placements,
  unsupported,
  accesses,
}: Omit<PreflightSignature, 'runs' | 'inputs' | 'outputs'>) => ({
  name,
  placements,
  unsupported,
  accesses: accesses.map(({ type, operation, refusal, touch }) => ({ type, operation, refusal, touch })),
});

describe('preflight', () => {
  it.each(NAMES)('says of %s what loading it says', async (name) => {
    for (const order of ['names', 'weights-first']) {
      const { spec, backend, download, variants } = await preflight(handleOf(`${order}/${name}`));
      expect(download!.size).toBe(served.sizes.get(name));
      expect(download!.received).toBeLessThanOrEqual(download!.size!);
      for (const { tags, signatures, memory } of variants) {
        const loaded = await load(join(FIXTURES, name), { tags });
        const expected = loaded.getSignatureNames().map((signature) => ({
          name: signature,
          ...loaded.preview({ signature }),
        }));
        expect(signatures.map(verdict)).toEqual(expected.map(verdict));
        expect(signatures.map(({ runs }) => runs)).toEqual(signatures.map(() => true));
        expect([backend, loaded.backend]).toEqual(['onnx', 'onnx']);
        expect(spec.format).toBe(loaded.spec.format);
        const bytes = loaded.variables.filter(({ dtype }) => dtype === 'float32').map(({ shape }) => shape as number[]);
        expect(memory.variables).toBeGreaterThanOrEqual(
          bytes.reduce((sum, shape) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0),
        );
        await loaded.dispose();
      }
    }
    expect(existsSync(join(directory, 'cache'))).toBe(false);
  });

  it('says what would not run, and what is refused', async () => {
    const text = (value: string) =>
      `attr { key: "dtype" value { type: DT_STRING } }
       attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape {} string_val: "${value}" } } }`;
    const output = (name: string) =>
      `signature_def { key: "${name}" value { outputs { key: "y" value { name: "${name}:0" dtype: DT_STRING } } } }`;
    const folder = join(directory, 'stranger');
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'saved_model.pbtxt'),
      `saved_model_schema_version: 1
meta_graphs {
  meta_info_def { tags: "serve" }
  graph_def {
    node { name: "path" op: "Const" ${text('/etc/passwd')} }
    node { name: "read" op: "ReadFile" input: "path" }
    node { name: "strange" op: "NoSuchOp" input: "path" }
    node { name: "fine" op: "Identity" input: "path" attr { key: "T" value { type: DT_STRING } } }
  }
  ${['read', 'strange', 'fine'].map(output).join('\n')}
}`,
    );
    const { variants } = await preflight(handleOf(`names/${folder}`), { backend: null });
    expect(variants[0]!.signatures).toMatchObject([
      { name: 'read', runs: false, accesses: [{ operation: 'read', path: '/etc/passwd', permission: 'read-files' }] },
      { name: 'strange', runs: false, unsupported: [{ type: 'NoSuchOp', operation: 'strange' }] },
      { name: 'fine', runs: true },
    ]);
    const trusted = await preflight(handleOf(`names/${folder}`), { backend: null, allow: ['read-files'] });
    expect(trusted.variants[0]!.signatures.map(({ runs }) => runs)).toEqual([true, false, true]);
  });

  it('looks at what is here where it is', async () => {
    const here = join(FIXTURES, 'modules/half-plus-two');
    const { download, variants } = await preflight(here, { backend: null });
    expect(download).toBeUndefined();
    expect(variants.every(({ signatures }) => signatures.every(({ runs }) => runs))).toBe(true);
    await expect(preflight(join(FIXTURES, 'nothing'))).rejects.toMatchObject({ code: 'ERR_MODULE_PATH' });
    await expect(preflight(here, { tags: ['gpu'] })).rejects.toMatchObject({ code: 'ERR_VARIANT_NOT_FOUND' });
  });

  it('gives a spec that does not run', async () => {
    const { spec } = await preflight(handleOf('names/modules/half-plus-two'), { backend: null });
    const loaded = await load(spec, { backend: null });
    await expect(loaded([1, 2], { asDict: true })).rejects.toMatchObject({ code: 'ERR_UNREAD_WEIGHTS' });
    await loaded.dispose();
  });
});
