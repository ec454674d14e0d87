import type { CallableModule } from '@tenon/hub';
import type { Application } from './application.js';
import { loneOf } from './lone-input.js';

/** @throws SignatureNotFoundError */
export function signatureApplication(module: CallableModule, signature: string): Application {
  const inputs = module.getInputInfo(signature);
  return {
    inputs,
    loneInput: loneOf(inputs),
    signature,
    call: async (values, outputs) => {
      const given = new Map(values);
      const results = outputs
        ? await module(given, { signature, outputs })
        : await module(given, { signature, asDict: true });
      return new Map(Object.entries(results));
    },
  };
}
