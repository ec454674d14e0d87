import { describe, expect, it } from '@jest/globals';
import { testBackend } from '@tenon/conformance';
import { engine } from '@tensorflow/tfjs-core';
import { inWorker } from '../../conformance/src/testing/in-worker.js';
import { tfjsNode } from './node.js';

/** Machines may be busy. */
const TIMEOUT = 120_000;

describe('whole graphs on libtensorflow', () => {
  testBackend({
    describe,
    it: (name, body) => it(name, body, TIMEOUT),
    expect: (actual) => expect(actual),
    setup: () => tfjsNode(),
    held: () => engine().state.numTensors,
    inWorker: inWorker('tfjs-node', 'tfjsNode()', '@tenon/backend-tfjs/node'),
  });
});
