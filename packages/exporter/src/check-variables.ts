import type { ModuleInstance, ModuleVariant } from '@tenon/module-spec';
import { MissingVariablesError } from './errors.js';

/**
 * Every variant is restored from one checkpoint: that of the instance.
 *
 * @throws MissingVariablesError naming every variable that another variant has and the instance lacks.
 */
export async function checkVariables(
  { variant, variables }: ModuleInstance,
  others: readonly ModuleVariant[],
): Promise<void> {
  const keys = new Set(variables.map(({ key }) => key));
  const problems: string[] = [];
  for (const other of others) {
    if (other === variant) continue;
    const missing = (await other.load()).variables.filter(({ key }) => !keys.has(key));
    for (const { name } of missing) problems.push(`"${name}" of the variant [${other.tags.join(', ')}]`);
  }
  if (problems.length > 0) throw new MissingVariablesError(variant.tags, problems);
}
