import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type * as DefaultBackend from './default-backend.js';

/** As Node says it of a package that is not there. */
function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find package '${name}' imported from /app/index.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
}

/** What is chosen where importing a package fails so. */
async function choose(failures: Readonly<Record<string, Error>>): Promise<string | undefined> {
  for (const [name, error] of Object.entries(failures)) {
    jest.doMock(name, () => {
      throw error;
    });
  }
  const { chooseBackend } = jest.requireActual<typeof DefaultBackend>('./default-backend');
  return (await chooseBackend(undefined))?.name;
}

describe('the backend that nobody chose', () => {
  afterEach(() => {
    jest.resetModules();
    jest.dontMock('@tenon/backend-onnx');
    jest.dontMock('@tenon/backend-tfjs');
  });

  const onnx = '@tenon/backend-onnx';
  const tfjs = '@tenon/backend-tfjs';

  it('is ONNX Runtime', async () => {
    expect(await choose({})).toBe('onnx');
  });

  it('is TensorFlow.js where ONNX Runtime is not installed', async () => {
    expect(await choose({ [onnx]: missing(onnx) })).toBe('tfjs');
  });

  it('is none where neither is installed', async () => {
    expect(await choose({ [onnx]: missing(onnx), [tfjs]: missing(tfjs) })).toBeUndefined();
  });

  it('is not passed over where it is installed but does not load', async () => {
    const error = missing('@tensorflow/tfjs-core');
    await expect(choose({ [onnx]: missing(onnx), [tfjs]: error })).rejects.toMatchObject({
      code: 'ERR_BACKEND_LOAD',
      backend: tfjs,
      cause: error,
    });
  });
});
