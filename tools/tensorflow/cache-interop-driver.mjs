// The Node side of cache_interop.py. Prints one JSON object per line: what happens, as it happens, and at the end the result.
//   node cache-interop-driver.mjs resolve HANDLE
//   node cache-interop-driver.mjs hold HANDLE     takes the module's lock, downloads nothing, and fails when standard input ends
import { once } from 'node:events';
import { ModuleCache } from '@tenon/cache';
import { resolve } from '@tenon/resolver';

const [action, handle] = process.argv.slice(2);
const print = (event) => console.log(JSON.stringify(event));

try {
  if (action === 'resolve') {
    const directory = await resolve(handle, { onWait: ({ holder }) => print({ waitsFor: holder }) });
    print({ directory });
  } else {
    await new ModuleCache().getOrCreate(handle, async () => {
      print({ holds: handle });
      await once(process.stdin.resume(), 'end');
      throw Object.assign(new Error('The download was called off.'), { code: 'ERR_CALLED_OFF' });
    });
  }
} catch (error) {
  print({ error: error.code, message: error.message });
}
