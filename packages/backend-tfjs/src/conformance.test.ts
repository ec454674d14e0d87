import { describe, expect, it } from '@jest/globals';
import { testBackend } from '@tenon/conformance';
import { engine } from '@tensorflow/tfjs-core';
import { inWorker } from '../../conformance/src/testing/in-worker.js';
import { tfjs } from './tfjs-backend.js';

/** Machines may be busy. */
const TIMEOUT = 120_000;

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  testBackend({
    describe,
    it: (name, body) => it(name, body, TIMEOUT),
    expect: (actual) => expect(actual),
    setup: () => tfjs({ backend }),
    // `memory()` would have to know the backend, which has not started before the first case.
    held: () => engine().state.numTensors,
    inWorker: inWorker(`tfjs-${backend}`, `tfjs({ backend: '${backend}' })`, '@tenon/backend-tfjs'),
  });
});
