// Computes with @tensorflow/tfjs-node what is known, numbers and text.
const assert = require('node:assert/strict');
const util = require('node:util');

// Node 23 removed what it still calls.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require('@tensorflow/tfjs-node');

const product = tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]); // prettier-ignore
assert.deepEqual([...product.dataSync()], [19, 22, 43, 50]);
const words = tf.slice(tf.tensor(['hello', 'wörld', 'again']), [1], [2]);
assert.deepEqual(words.dataSync(), ['wörld', 'again']);
assert.equal(tf.getBackend(), 'tensorflow');
