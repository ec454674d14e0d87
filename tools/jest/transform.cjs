// TypeScript to CommonJS for jest; types are checked by `tsc`, not here.
const { createHash } = require('node:crypto');
const { pathToFileURL } = require('node:url');
const { transformSync, version } = require('esbuild');

module.exports = {
  getCacheKey: (source, path) =>
    createHash('sha256').update(version).update('4').update(path).update(source).digest('hex'),
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: path.endsWith('.ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      // jest runs CommonJS, where a native import() would leave its sandbox.
      supported: { 'dynamic-import': false },
      // CommonJS has no import.meta.
      define: {
        'import.meta.url': JSON.stringify(pathToFileURL(path).href),
        'import.meta.resolve': 'require.resolve',
      },
      sourcefile: path,
      sourcemap: 'both',
    });
    return { code, map };
  },
};
