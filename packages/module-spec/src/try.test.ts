import { it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { loadModuleSpec } from './load-module-spec.js';
import { fixture } from './testing/fixtures.js';
it('x', async () => {
  for (const kind of ['modules','saved_models']) for (const m of readdirSync(`${__dirname}/../../../tools/fixtures/${kind}`)) {
    try {
      const spec = await loadModuleSpec(fixture(`${kind}/${m}`));
      const out: string[] = [];
      for (const v of spec.variants) {
        const t = performance.now();
        const g = await v.load();
        out.push(`${v.tags} sigs=${[...v.signatures.keys()]} ops=${g.graph.size} vars=${g.variables.map((x) => x.name + (g.graph.initializers.get(x.operation) ? '+' : '-')).slice(0, 6)} tables=${g.tables.map((x) => x.name + ':' + (g.graph.initializers.get(x)?.map((i) => 'operation' in i ? i.operation.name : 'value')))} assets=${g.assets.map((a) => a.filename)} fns=${[...g.functions.keys()]} ms=${(performance.now() - t).toFixed(1)}`);
        for (const f of g.functions.values()) for (const tr of f.traces) for (const c of tr.captures) { const x = g.objects!.find(c); if (typeof x === 'string') out.push(f.name + ' ' + x); }
      }
      console.log(m, spec.format, out.join('\n   '));
    } catch (e) { console.log(m, String((e as Error).stack).slice(0, 600)); }
  }
});
