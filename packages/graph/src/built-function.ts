import type { Attributes } from './attributes.js';
import type { FunctionEntry, FunctionGraph } from './function-library.js';
import type { OperationDefinition } from './operation-definition.js';
import type { SymbolicTensor } from './operation.js';

/** A function whose body was built, not read from a file. It takes no attributes. */
export class BuiltFunction implements FunctionEntry {
  readonly attributes: Attributes = new Map();

  constructor(private readonly body: FunctionGraph) {}

  get name(): string {
    return this.body.name;
  }

  get definition(): OperationDefinition {
    const { name, graph, inputs, outputs, outputNames } = this.body;
    const argument = ({ dtype }: SymbolicTensor, argumentName: string) => ({
      name: argumentName,
      type: { dtype },
      isReference: false,
    });
    return {
      name,
      inputs: inputs.map((input, index) => argument(input, `input_${index}`)),
      outputs: outputs.map((output, index) => argument(output, outputNames[index]!)),
      attributes: new Map(),
      isStateful: isStateful(graph.operations),
    };
  }

  /** The body, shared by all who ask for it: it must not be changed. */
  instantiate(): FunctionGraph {
    return this.body;
  }
}

/** Whether any of the operations is stateful, arguments of functions aside. */
export function isStateful(operations: Iterable<{ type: string; definition: OperationDefinition }>): boolean {
  for (const { type, definition } of operations) if (definition.isStateful && type !== '_Arg') return true;
  return false;
}
