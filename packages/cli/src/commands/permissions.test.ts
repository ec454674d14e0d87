import { mkdtempSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { tenon } from '../testing/run-command.js';

const folder = mkdtempSync(join(tmpdir(), 'tenon-permissions-'));
const hostile = join(folder, 'module');
const secret = join(folder, 'secret');
const target = join(folder, 'new', 'copy');

const text = (name: string, value: string): string => `
  node { name: "${name}" op: "Const"
    attr { key: "dtype" value { type: DT_STRING } }
    attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape {} string_val: ${JSON.stringify(value)} } } } }`;

beforeAll(() => {
  mkdirSync(hostile);
  writeFileSync(secret, 'top secret');
  writeFileSync(
    join(hostile, 'saved_model.pbtxt'),
    `saved_model_schema_version: 1
meta_graphs {
  meta_info_def { tags: "serve" tensorflow_version: "2.21.0" }
  graph_def {
    ${text('path', secret)}
    ${text('target', target)}
    node { name: "content" op: "ReadFile" input: "path" }
    node { name: "write" op: "WriteFile" input: "target" input: "content" }
    node { name: "result" op: "Identity" input: "content" input: "^write" attr { key: "T" value { type: DT_STRING } } }
  }
  signature_def { key: "serving_default" value {
    outputs { key: "result" value { name: "result:0" dtype: DT_STRING tensor_shape {} } }
    method_name: "tensorflow/serving/predict" } }
}
`,
  );
});

describe('a module that reads and writes files', () => {
  it('is shown for what it is', async () => {
    const { stdout } = await tenon(['inspect', hostile]);
    expect(stdout).toMatch(/refused {2}ReadFile {3}"content": it reads ".*secret".* \(--allow read-files\)/);
    expect(stdout).toMatch(/refused {2}WriteFile {2}"write": it writes ".*copy" \(--allow write-files\)/);
    const { stdout: json } = await tenon(['inspect', hostile, '--json']);
    const { variants } = JSON.parse(json) as { variants: { signatures: { operations: { accesses: unknown[] } }[] }[] };
    expect(variants[0]!.signatures[0]!.operations.accesses).toEqual([
      expect.objectContaining({ operation: 'content', permission: 'read-files', path: secret }),
      expect.objectContaining({ operation: 'write', permission: 'write-files', path: target }),
    ]);
  });

  it('is refused', async () => {
    expect(await tenon(['run', hostile])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /ERR_REFUSED_OPERATION: 2 operations are refused:\n.*content.*\n.*write/,
      ) as unknown,
    });
    expect(await tenon(['run', hostile, '--allow', 'read-files'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/An operation is refused:\n.*"write"/) as unknown,
    });
    expect(() => readFileSync(target)).toThrow();
  });

  it('runs where it is trusted', async () => {
    const { status, stdout } = await tenon(['run', hostile, '--allow', 'read-files,write-files']);
    expect([status, JSON.parse(stdout)]).toEqual([0, { outputs: 'top secret' }]);
    expect(readFileSync(target, 'utf8')).toBe('top secret');
    expect(await tenon(['run', hostile, '--allow', 'everything'])).toMatchObject({ status: 2 });
  });
});
