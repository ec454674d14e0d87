// The Node side of cache_interop.py. Prints one JSON object per line: what happens, as it happens, and at the end the result.
//   node cache-interop-driver.mjs resolve HANDLE
//   node cache-interop-driver.mjs describe HANDLE, pin HANDLE, remove HANDLE
//   node cache-interop-driver.mjs prune HANDLE    all but this handle
//   node cache-interop-driver.mjs hold HANDLE     takes the module's lock, downloads nothing, and fails when standard input ends
import { once } from 'node:events';
import { getEntry, ModuleCache, pinEntry, pruneCache, removeEntry } from '@tenon/cache';
import { resolve } from '@tenon/resolver';

const [action, handle] = process.argv.slice(2);
const print = (event) => console.log(JSON.stringify(event));

try {
  if (action === 'resolve') {
    const directory = await resolve(handle, { onWait: ({ holder }) => print({ waitsFor: holder }) });
    print({ directory });
  } else if (action === 'describe') {
    print(await getEntry(new ModuleCache(), handle));
  } else if (action === 'pin') {
    await pinEntry(new ModuleCache(), handle);
    print({ pinned: handle });
  } else if (action === 'remove') {
    print(await removeEntry(new ModuleCache(), handle));
  } else if (action === 'prune') {
    const { modules, leftovers } = await pruneCache(new ModuleCache(), { maxSize: 0, keep: new Set([handle]) });
    print({ modules: modules.length, leftovers: leftovers.length });
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
