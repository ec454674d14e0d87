// Resolves a handle: node resolve-once.mjs HANDLE CACHE
// Says "ready" when it is about to begin, and what became of it, as JSON, at the end.
import { ModuleCache } from '@tenon/cache';
import { httpResolver, resolve } from '@tenon/resolver';

const [handle, directory] = process.argv.slice(2);
const cache = new ModuleCache({ directory, pollInterval: 20 });
console.log('ready');
try {
  const found = await resolve(handle, { cache, resolvers: [httpResolver({ retryDelay: 20 })] });
  console.log(JSON.stringify({ directory: found }));
} catch (error) {
  console.log(JSON.stringify({ code: error.code ?? 'untyped', message: error.message }));
}
