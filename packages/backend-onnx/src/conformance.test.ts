import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { testBackend } from '@tenon/conformance';
import { inWorker } from '../../conformance/src/testing/in-worker.js';
import { onnx } from './onnx-backend.js';

/** Machines may be busy. */
const TIMEOUT = 120_000;

testBackend({
  describe,
  it: (name, body) => it(name, body, TIMEOUT),
  expect: (actual) => expect(actual),
  setup: () => onnx({ sessionOptions: { intraOpNumThreads: 1 } }),
  knownFailures: readFileSync(join(__dirname, '../testdata/conformance-onnx.txt'), 'utf8'),
  inWorker: inWorker('onnx', 'onnx()', '@tenon/backend-onnx'),
});
