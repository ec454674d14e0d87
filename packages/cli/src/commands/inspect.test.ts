import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isCached } from '@tenon/hub';
import { create } from 'tar';
import type { ModuleDescription } from '../inspect/description.js';
import { modulePath, tenon } from '../testing/run-command.js';

describe('tenon inspect', () => {
  it('describes a module for people', async () => {
    const { status, stdout, stderr } = await tenon(['inspect', modulePath('nnlm-small'), '--backend', 'host']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^module {2}.*\nfiles {3}.*\nformat {2}TF1 Hub module\n\nVariant without tags\n/);
    expect(stdout).toMatch(/takes {2}default {2}string {3}\[\?\]\n/);
    expect(stdout).toMatch(/1 table\n.*HashTableV2 {2}string to int64/);
    expect(stdout).toMatch(/1 asset\n {4}tokens\.txt {2}5\.1 kB/);
    expect(stdout).not.toMatch(/runs nowhere/);
  });

  it('says in JSON what TensorFlow Hub says', async () => {
    const name = 'mobilenet-v2-small';
    const { stdout } = await tenon(['inspect', modulePath(name), '--json', '--backend', 'host']);
    const { format, variants } = JSON.parse(stdout) as ModuleDescription;
    const golden = JSON.parse(readFileSync(modulePath(`golden/${name}.json`), 'utf8')) as {
      signatures: Record<string, Record<string, { inputs: object; outputs: object }>>;
      variables: Record<string, { dtype: string; shape: number[] }>;
      image: { size: number[] };
    };
    expect(format).toBe('hub-module');
    expect(variants.map(({ tags }) => tags.join()).sort()).toEqual(Object.keys(golden.signatures).sort());
    for (const { tags, signatures, variables } of variants) {
      for (const { name, inputs, outputs, imageSize } of signatures) {
        const kind = 'dense';
        const withKind = (types: object): object =>
          Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { kind, ...(type as object) }]));
        const expected = golden.signatures[tags.join()]![name]!;
        expect(inputs).toEqual(withKind(expected.inputs));
        expect(outputs).toEqual(withKind(expected.outputs));
        expect(imageSize).toEqual(golden.image.size);
      }
      const found = variables.map(({ name, dtype, shape }) => [name, { dtype, shape }]);
      expect(Object.fromEntries(found)).toEqual(golden.variables);
    }
  });

  it('describes only the variant asked for', async () => {
    const { stdout } = await tenon(['inspect', modulePath('mobilenet-v2-small'), '--tags', '', '--backend', 'host']);
    expect(stdout.match(/^Variant/gm)).toEqual(['Variant']);
    expect(stdout).toMatch(/images of 32 × 32 pixels/);
  });

  it('describes the functions of a TF2 SavedModel', async () => {
    const { stdout } = await tenon(['inspect', modulePath('saved_models/tf2-reusable'), '--backend', 'host']);
    expect(stdout).toMatch(/1 function\n {4}__call__ {2}\(float32 \[\?, 6\], true\)/);
  });

  it('looks at a module before it is downloaded', async () => {
    const packed = create({ cwd: modulePath('nnlm-small'), sync: true }, ['assets', 'saved_model.pb', 'variables']);
    const body = packed.read() as Buffer;
    const server = createServer((_, response) => response.writeHead(200, { 'content-length': body.length }).end(body));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const handle = `http://127.0.0.1:${(server.address() as AddressInfo).port}/nnlm/1`;
    try {
      const { status, stdout } = await tenon(['inspect', handle, '--preflight', '--backend', 'host']);
      expect(status).toBe(0);
      expect(stdout).toMatch(/\nfiles {3}not downloaded: [\d.]+ kB \([\d.]+ kB read\)\nformat {2}TF1 Hub module\n/);
      expect(stdout).toMatch(/takes {2}default {2}string {3}\[\?\]\n/);
      expect(stdout).toMatch(/tokens\.txt {2}not downloaded/);
      expect(stdout).not.toMatch(/does not run/);
      expect(stdout).toMatch(/\n {2}needs [\d.]+ kB of memory, and more for what calls compute\n/);
      const { stdout: json } = await tenon(['inspect', handle, '--preflight', '--backend', 'host', '--json']);
      const description = JSON.parse(json) as ModuleDescription;
      expect(description.download!.size).toBe(body.length);
      expect(description.download!.received).toBeLessThanOrEqual(body.length);
      expect(description).not.toHaveProperty('directory');
      expect(description.variants[0]!.signatures.map(({ runs }) => runs)).toEqual([true]);
      expect(description.variants[0]!.memory!.variables).toBeGreaterThan(0);
      expect(await isCached(handle)).toBe(false);
    } finally {
      server.close();
    }
  });

  it('says how much each backend would run', async () => {
    const { stdout } = await tenon(['inspect', modulePath('saved_models/tf2-keras3-cnn')]);
    expect(stdout).toMatch(/\n {4}backends would run onnx \d+ of 34, tfjs \d+ of 34\n/);
    const { stdout: json } = await tenon(['inspect', modulePath('saved_models/tf2-keras3-cnn'), '--json']);
    const [signature] = (JSON.parse(json) as ModuleDescription).variants[0]!.signatures;
    expect(signature!.support).toEqual([
      { backend: 'onnx', operations: expect.any(Number) as unknown, of: 34 },
      { backend: 'tfjs', operations: expect.any(Number) as unknown, of: 34 },
    ]);
    for (const { operations } of signature!.support!) expect(operations).toBeGreaterThan(20);
  });

  it('wants one handle', async () => {
    expect(await tenon(['inspect'])).toMatchObject({ status: 2 });
    expect(await tenon(['inspect', 'a', 'b'])).toMatchObject({ status: 2 });
  });
});
