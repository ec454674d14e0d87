import { describe, expect, it } from '@jest/globals';
import { testBackend } from '@tenon/conformance';
import { engine } from '@tensorflow/tfjs-core';
import { inWorker } from '../../conformance/src/testing/in-worker.js';
import { tfjsNode } from './node.js';
import { tfjs } from './tfjs-backend.js';

/** Machines may be busy. */
const TIMEOUT = 120_000;

describe.each([
  {
    title: 'whole graphs on libtensorflow',
    setup: () => tfjsNode(),
    inWorker: inWorker('tfjs-node', 'tfjsNode()', '@tenon/backend-tfjs/node'),
  },
  {
    title: 'op by op on libtensorflow',
    setup: () => tfjs({ backend: 'node' }),
    inWorker: inWorker('tfjs-node-ops', "tfjs({ backend: 'node' })", '@tenon/backend-tfjs'),
  },
])('$title', ({ setup, inWorker }) => {
  testBackend({
    describe,
    it: (name, body) => it(name, body, TIMEOUT),
    expect: (actual) => expect(actual),
    setup,
    held: () => engine().state.numTensors,
    inWorker,
  });
});
