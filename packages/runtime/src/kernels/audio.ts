import type { Operation } from '@tenon/graph';
import { Tensor } from '@tenon/tensor';
import type { Kernel, KernelDefinition } from '../kernel.js';
import { encodeWav } from './codecs/wav.js';
import { define } from './definition.js';
import { InvalidArgumentError } from './errors.js';
import { makeSpectrum, makeTransform } from './fourier.js';
import { checkedSize, integerOf } from './integers.js';
import { StringArrayBuilder } from './string-array-builder.js';

/** How much of each frequency there is in windows of a sound, which begin `stride` samples apart. */
function prepareSpectrogram(operation: Operation): Kernel {
  const size = operation.int('window_size');
  const stride = operation.int('stride');
  const isSquared = operation.bool('magnitude_squared');
  if (!(size > 1 && stride > 0))
    throw new InvalidArgumentError(`Windows of ${size} samples, ${stride} apart, make no spectrogram.`);
  const length = 2 ** Math.ceil(Math.log2(checkedSize([size])));
  const frequencies = length / 2 + 1;
  const transform = makeTransform(length, -1);
  const window = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  return ([sound]) => {
    const [samples, channels] = sound!.shape as [number, number];
    if (sound!.rank !== 2)
      throw new InvalidArgumentError(
        `A sound has samples and channels; this one has shape [${sound!.shape.join(', ')}].`,
      );
    const input = sound!.data as Float32Array;
    const slices = samples < size ? 0 : 1 + Math.floor((samples - size) / stride);
    const output = new Float32Array(checkedSize([channels, slices, frequencies]));
    const { real, imaginary } = makeSpectrum(length);
    let to = 0;
    for (let channel = 0; channel < channels; channel++) {
      for (let slice = 0; slice < slices; slice++) {
        real.fill(0);
        imaginary.fill(0);
        for (let i = 0; i < size; i++) real[i] = window[i]! * input[(slice * stride + i) * channels + channel]!;
        transform({ real, imaginary });
        for (let i = 0; i < frequencies; i++) {
          const energy = real[i]! ** 2 + imaginary[i]! ** 2;
          output[to++] = isSquared ? energy : Math.sqrt(energy);
        }
      }
    }
    return [new Tensor('float32', [channels, slices, frequencies], output)];
  };
}

const melOf = (frequency: number): number => 1127 * Math.log1p(frequency / 700);

/** Triangles over the frequencies of a spectrogram, evenly spaced on the mel scale: each frequency is in two of them. */
interface MelBands {
  readonly first: number;
  readonly last: number;
  /** The band that ends at a frequency; -1 before the first. */
  readonly bands: Int32Array;
  /** The part of a frequency that belongs to that band; the rest belongs to the next. */
  readonly weights: Float64Array;
}

function melBands(frequencies: number, sampleRate: number, bands: number, lower: number, upper: number): MelBands {
  const spacing = (melOf(upper) - melOf(lower)) / (bands + 1);
  const center = (band: number): number => melOf(lower) + spacing * (band + 1);
  const step = (0.5 * sampleRate) / (frequencies - 1);
  const first = Math.trunc(1.5 + lower / step);
  const last = Math.min(Math.trunc(upper / step), frequencies - 1);
  const found: MelBands = { first, last, bands: new Int32Array(frequencies), weights: new Float64Array(frequencies) };
  let band = 0;
  for (let i = first; i <= last; i++) {
    const mel = melOf(i * step);
    while (band < bands && center(band) < mel) band++;
    found.bands[i] = band - 1;
    found.weights[i] = (center(band) - mel) / spacing;
  }
  return found;
}

/** Below this, the logarithm of the energy of a band is taken as that of this. */
const LEAST_ENERGY = 1e-12;

/** Mel-frequency cepstral coefficients of spectrograms. */
function prepareMfcc(operation: Operation): Kernel {
  const upper = operation.float('upper_frequency_limit');
  const lower = operation.float('lower_frequency_limit');
  const bandCount = operation.int('filterbank_channel_count');
  const coefficientCount = operation.int('dct_coefficient_count');
  if (!(lower >= 0 && upper > lower && bandCount > 0 && coefficientCount > 0 && coefficientCount <= bandCount)) {
    throw new InvalidArgumentError(
      `${coefficientCount} coefficients of ${bandCount} bands from ${lower} to ${upper} Hz cannot be computed.`,
    );
  }
  checkedSize([bandCount, coefficientCount]);
  const scale = Math.sqrt(2 / bandCount);
  const cosines = Float64Array.from({ length: coefficientCount * bandCount }, (_, i) => {
    const coefficient = Math.floor(i / bandCount);
    return scale * Math.cos(((coefficient * Math.PI) / bandCount) * ((i % bandCount) + 0.5));
  });
  return ([spectrogram, sampleRate]) => {
    const [channels, slices, frequencies] = spectrogram!.shape as [number, number, number];
    const rate = integerOf(sampleRate!);
    if (spectrogram!.rank !== 3 || !(frequencies > 1) || !(rate > 0))
      throw new InvalidArgumentError(
        `A spectrogram of shape [${spectrogram!.shape.join(', ')}] at ${rate} samples a second has no coefficients.`,
      );
    const input = spectrogram!.data as Float32Array;
    const { first, last, bands, weights } = melBands(frequencies, rate, bandCount, lower, upper);
    const output = new Float32Array(checkedSize([channels, slices, coefficientCount]));
    const energies = new Float64Array(bandCount + 1);
    for (let slice = 0; slice < channels * slices; slice++) {
      energies.fill(0);
      for (let i = first; i <= last; i++) {
        const amplitude = Math.sqrt(input[slice * frequencies + i]!);
        const below = amplitude * weights[i]!;
        if (bands[i]! >= 0) energies[bands[i]!]! += below;
        energies[bands[i]! + 1]! += amplitude - below;
      }
      for (let coefficient = 0; coefficient < coefficientCount; coefficient++) {
        let sum = 0;
        for (let band = 0; band < bandCount; band++)
          sum += cosines[coefficient * bandCount + band]! * Math.log(Math.max(energies[band]!, LEAST_ENERGY));
        output[slice * coefficientCount + coefficient] = sum;
      }
    }
    return [new Tensor('float32', [channels, slices, coefficientCount], output)];
  };
}

const encode: Kernel = ([sound, sampleRate]) => {
  if (sound!.rank !== 2)
    throw new InvalidArgumentError(
      `A sound has samples and channels; this one has shape [${sound!.shape.join(', ')}].`,
    );
  const builder = new StringArrayBuilder(0, 1);
  builder.appendAll(
    encodeWav({ sampleRate: integerOf(sampleRate!), channels: sound!.shape[1]!, samples: sound!.data as Float32Array }),
  );
  builder.end();
  return [new Tensor('string', [], builder.build())];
};

/** Sounds, and what is heard in them. Decoding them stands with images. */
export const audioKernels: readonly KernelDefinition[] = [
  define('AudioSpectrogram', prepareSpectrogram),
  define('Mfcc', prepareMfcc),
  define('EncodeWav', () => encode),
];
