import type { ModuleInstance, ModuleVariable, ModuleVariant } from '@tenon/module-spec';
import { formatShape, isCompatible } from '@tenon/tensor';
import { MissingVariablesError } from './errors.js';

/**
 * Every variant is restored from one checkpoint: that of the instance.
 *
 * @throws MissingVariablesError naming every variable that another variant has and the instance lacks, or has with another data type or shape.
 */
export async function checkVariables(
  { variant, variables }: ModuleInstance,
  others: readonly ModuleVariant[],
): Promise<void> {
  const own = new Map(variables.map((variable) => [variable.key, variable]));
  const problems: string[] = [];
  for (const other of others) {
    if (other === variant) continue;
    for (const variable of (await other.load()).variables) {
      const found = own.get(variable.key);
      const what = `"${variable.name}" of the variant [${other.tags.join(', ')}]`;
      if (!found) problems.push(what);
      else if (!isSame(found, variable))
        problems.push(`${what}, which is ${typeOf(variable)} there and ${typeOf(found)} here`);
    }
  }
  if (problems.length > 0) throw new MissingVariablesError(variant.tags, problems);
}

/** Parts of a variable that is partitioned have the key of the whole. */
function isSame(one: ModuleVariable, other: ModuleVariable): boolean {
  return (one.part ?? other.part) !== undefined || (one.dtype === other.dtype && isCompatible(one.shape, other.shape));
}

function typeOf({ dtype, shape }: ModuleVariable): string {
  return `${dtype} ${formatShape(shape)}`;
}
