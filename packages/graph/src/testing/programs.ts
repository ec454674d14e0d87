import fc from 'fast-check';

/** A program over int32 scalars, with conditions, loops and effects. */
export type Expression =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'constant'; readonly value: number; readonly isAnchored: boolean }
  /** What `let` or a loop around it gives a name to, counted from inside out; a constant where there is not that much around. */
  | { readonly kind: 'variable'; readonly depth: number }
  | { readonly kind: 'add' | 'multiply'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'let'; readonly value: Expression; readonly within: Expression }
  | { readonly kind: 'if'; readonly test: Test; readonly then: Expression; readonly otherwise: Expression }
  /** Two values out of one condition, multiplied. */
  | {
      readonly kind: 'pair';
      readonly test: Test;
      readonly sides: readonly [Expression, Expression, Expression, Expression];
    }
  /** `body` sees the value of the last iteration as the innermost variable, and around it how many there were. */
  | { readonly kind: 'loop'; readonly times: number; readonly initial: Expression; readonly body: Expression }
  /** Adds to a counter, whether or not anybody waits for it. */
  | { readonly kind: 'count'; readonly amount: number; readonly isAwaited: boolean; readonly within: Expression };

/** One of the flags that the program is given, negated or not, or a comparison. */
export type Test =
  | { readonly kind: 'flag'; readonly index: number; readonly isNegated: boolean }
  | { readonly kind: 'less'; readonly left: Expression; readonly right: Expression };

export const INPUTS = 2;
export const FLAGS = 2;

const { expression } = fc.letrec<{ expression: Expression; test: Test }>((tie) => {
  const expressionOf = () => tie('expression');
  const testOf = () => tie('test');
  const constant = fc.record({
    kind: fc.constant('constant' as const),
    value: fc.integer({ min: -5, max: 5 }),
    isAnchored: fc.boolean(),
  });
  const input = fc.record({ kind: fc.constant('input' as const), index: fc.nat(INPUTS - 1) });
  const variable = fc.record({ kind: fc.constant('variable' as const), depth: fc.nat(3) });
  return {
    test: fc.oneof(
      fc.record({ kind: fc.constant('flag' as const), index: fc.nat(FLAGS - 1), isNegated: fc.boolean() }),
      fc.record({ kind: fc.constant('less' as const), left: expressionOf(), right: expressionOf() }),
    ),
    expression: fc.oneof(
      { maxDepth: 6, depthSize: 'medium', withCrossShrink: true },
      fc.oneof(input, constant, variable),
      fc.record({
        kind: fc.constantFrom('add' as const, 'multiply' as const),
        left: expressionOf(),
        right: expressionOf(),
      }),
      fc.record({ kind: fc.constant('let' as const), value: expressionOf(), within: expressionOf() }),
      fc.record({ kind: fc.constant('if' as const), test: testOf(), then: expressionOf(), otherwise: expressionOf() }),
      fc.record({
        kind: fc.constant('pair' as const),
        test: testOf(),
        sides: fc.tuple(expressionOf(), expressionOf(), expressionOf(), expressionOf()),
      }),
      fc.record({
        kind: fc.constant('loop' as const),
        times: fc.nat(3),
        initial: expressionOf(),
        body: expressionOf(),
      }),
      fc.record({
        kind: fc.constant('count' as const),
        amount: fc.integer({ min: 1, max: 9 }),
        isAwaited: fc.boolean(),
        within: expressionOf(),
      }),
    ),
  };
});

export const programs: fc.Arbitrary<Expression> = expression;

/** What a program computes, by its meaning. */
export class Meaning {
  /** The sum of what was counted. */
  counted = 0;

  constructor(
    private readonly inputs: readonly number[],
    private readonly flags: readonly boolean[],
  ) {}

  evaluate(program: Expression, variables: readonly number[] = []): number {
    switch (program.kind) {
      case 'input':
        return this.inputs[program.index]!;
      case 'constant':
        return program.value;
      case 'variable':
        return variables[program.depth] ?? 0;
      case 'add':
        return (this.evaluate(program.left, variables) + this.evaluate(program.right, variables)) | 0;
      case 'multiply':
        return Math.imul(this.evaluate(program.left, variables), this.evaluate(program.right, variables));
      case 'let':
        return this.evaluate(program.within, [this.evaluate(program.value, variables), ...variables]);
      case 'if':
        return this.evaluate(this.test(program.test, variables) ? program.then : program.otherwise, variables);
      case 'pair': {
        const [a, b, c, d] = program.sides;
        const [left, right] = this.test(program.test, variables) ? [a, b] : [c, d];
        return Math.imul(this.evaluate(left, variables), this.evaluate(right, variables));
      }
      case 'loop': {
        let value = this.evaluate(program.initial, variables);
        for (let k = 0; k < program.times; k++) value = this.evaluate(program.body, [value, k, ...variables]);
        return value;
      }
      case 'count':
        this.counted += program.amount;
        return this.evaluate(program.within, variables);
    }
  }

  private test(test: Test, variables: readonly number[]): boolean {
    if (test.kind === 'flag') return this.flags[test.index] !== test.isNegated;
    return this.evaluate(test.left, variables) < this.evaluate(test.right, variables);
  }
}
