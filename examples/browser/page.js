// Loads a module from a URL and applies it, with TensorFlow.js's WebAssembly backend.
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { tfjs } from '@tenon/backend-tfjs';
import { load, toNested } from '@tenon/hub/browser';

// The build puts the WebAssembly beside the page.
setWasmPaths('./');
const backend = tfjs({ backend: 'wasm' });
const element = (id) => document.getElementById(id);
const loaded = new Map();

element('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const output = element('outputs');
  output.textContent = '';
  delete output.dataset.state;
  try {
    output.textContent = await apply(element('url').value, element('signature').value, element('inputs').value);
    output.dataset.state = 'done';
  } catch (error) {
    output.textContent = `${error.code ?? error.name}: ${error.message}`;
    output.dataset.state = 'failed';
  }
});

/** A module stays loaded: its weights are fetched once, however often it is applied. */
async function apply(url, signature, inputs) {
  if (!loaded.has(url)) loaded.set(url, await load(url, { backend, onProgress: showProgress }));
  element('progress').hidden = true;
  const module = loaded.get(url);
  const outputs = await module(JSON.parse(inputs), { asDict: true, ...(signature && { signature }) });
  const nested = Object.entries(outputs).map(([name, value]) => [
    name,
    'values' in value ? 'sparse or ragged' : toNested(value),
  ]);
  return JSON.stringify(Object.fromEntries(nested), (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

function showProgress({ received, total }) {
  Object.assign(element('progress'), { hidden: false, value: received, max: total ?? received });
}
