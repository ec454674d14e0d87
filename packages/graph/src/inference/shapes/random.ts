import { forAll, sameAsFirst, type ShapeFunctions } from '../shape-context.js';

/** Ops that draw numbers. Those that take a shape take it first. */
export const RANDOM: ShapeFunctions = {
  ...forAll(['RandomUniform', 'RandomUniformInt', 'RandomStandardNormal', 'TruncatedNormal'], (c) => [
    c.spelledShape(0),
  ]),
  ...forAll(['ParameterizedTruncatedNormal', 'StatelessParameterizedTruncatedNormal'], (c) => [c.spelledShape(0)]),
  ...forAll(
    [
      'StatelessRandomUniform',
      'StatelessRandomNormal',
      'StatelessTruncatedNormal',
      'StatelessRandomUniformInt',
      'StatelessRandomUniformFullInt',
      'StatelessRandomUniformV2',
      'StatelessRandomNormalV2',
      'StatelessTruncatedNormalV2',
      'StatelessRandomUniformIntV2',
      'StatelessRandomUniformFullIntV2',
      'StatelessRandomBinomial',
    ],
    (c) => [c.spelledShape(0)],
  ),
  ...forAll(['StatefulUniform', 'StatefulStandardNormalV2', 'StatefulTruncatedNormal', 'StatefulUniformInt'], (c) => [
    c.spelledShape(2),
  ]),
  ...forAll(['RandomGamma', 'RandomPoisson', 'RandomPoissonV2'], (c) => {
    const [shape, parameters] = [c.spelledShape(0), c.shape(1)];
    return [shape && parameters && [...shape, ...parameters]];
  }),
  ...forAll(['RandomShuffle', 'StatelessShuffle'], sameAsFirst),
  ...forAll(['Multinomial', 'StatelessMultinomial'], (c) => [[c.ranked(0, 2)[0]!, c.scalar(1)]]),
  StatelessRandomGetKeyCounter: () => [[1], [2]],
  StatelessRandomGetKeyCounterAlg: () => [[1], [2], []],
  StatelessRandomGetAlg: () => [[]],
  ...forAll(
    [
      'UniformCandidateSampler',
      'LogUniformCandidateSampler',
      'LearnedUnigramCandidateSampler',
      'FixedUnigramCandidateSampler',
    ],
    (c) => {
      const sampled = c.operation.int('num_sampled');
      return [[sampled], [c.ranked(0, 2)[0]!, c.operation.int('num_true')], [sampled]];
    },
  ),
};
