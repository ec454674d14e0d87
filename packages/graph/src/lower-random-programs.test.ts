import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lowerControlFlow } from './lower-control-flow.js';
import { Interpreter } from './testing/interpreter.js';
import { FLAGS, INPUTS, Meaning, programs } from './testing/programs.js';
import { V1Builder } from './testing/v1-builder.js';

describe('lowerControlFlow', () => {
  it('keeps what programs compute and what effects they have', () => {
    fc.assert(
      fc.property(
        programs,
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: INPUTS, maxLength: INPUTS }),
        fc.array(fc.boolean(), { minLength: FLAGS, maxLength: FLAGS }),
        (program, inputs, flags) => {
          const builder = new V1Builder();
          const result = builder.build(program);
          const { graph, tensor } = lowerControlFlow(builder.graph);
          const interpreter = new Interpreter(new Map([['counter', 0]]));
          const feeds = new Map([
            ...builder.inputs.map((input, index) => [tensor(input), inputs[index]!] as const),
            ...builder.flags.map((flag, index) => [tensor(flag), Number(flags[index])] as const),
          ]);
          const [value] = interpreter.run(graph, [tensor(result)], feeds);

          const meaning = new Meaning(inputs, flags);
          expect(value).toBe(meaning.evaluate(program));
          expect(interpreter.variables.get('counter')).toBe(meaning.counted);
        },
      ),
      { numRuns: 150 },
    );
  });
});
