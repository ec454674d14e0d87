import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PersistentArray } from './persistent-array.js';

describe('PersistentArray', () => {
  it('keeps every version as it was, in whatever order they are changed and read', () => {
    const step = fc.record({
      version: fc.nat(),
      action: fc.constantFrom('set', 'push', 'pop', 'read'),
      index: fc.nat(),
      value: fc.integer(),
    });
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 4 }), fc.array(step, { maxLength: 40 }), (start, steps) => {
        const models = [[...start]];
        const versions = [new PersistentArray([...start])];
        for (const { version, action, index, value } of steps) {
          const at = version % versions.length;
          const model = [...models[at]!];
          const array = versions[at]!;
          if (action === 'read' || (action !== 'push' && model.length === 0)) {
            expect([...array.values()]).toEqual(model);
            continue;
          }
          if (action === 'pop') {
            model.pop();
            versions.push(array.pop());
          } else {
            const position = action === 'push' ? model.length : index % model.length;
            model[position] = value;
            versions.push(array.set(position, value));
          }
          models.push(model);
        }
        versions.forEach((array, i) => expect([...array.values()]).toEqual(models[i]));
      }),
    );
  });
});
