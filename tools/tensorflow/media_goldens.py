"""Writes packages/runtime/testdata/kernels/{decoding,detection}.json.gz: how TensorFlow decodes files of images and sounds, and
what it makes of boxes and of the logits of sequences.

  python tools/tensorflow/media_goldens.py        (TensorFlow 2.21)
"""
import os, struct, zlib
from golden_cases import Family, np, tf

f32, i32, u8, u16 = np.float32, np.int32, np.uint8, np.uint16


def rng(seed):
  return np.random.RandomState(seed)


def text(data):
  return np.array(data, dtype=object)


def scalar(value, dtype=i32):
  return np.array(value, dtype=dtype)


def picture(height, width, channels, kind=u8):
  """Something between a photograph and noise."""
  y, x, c = np.mgrid[0:height, 0:width, 0:channels].astype(f32)
  waves = np.sin(x / 3 + c) * 60 + np.cos(y / 4 - c * 2) * 50 + 128 + rng(height * width).uniform(-15, 15, [height, width, channels])
  waves[height // 2:, width // 2:] = np.where((x + y)[height // 2:, width // 2:] % 4 < 2, 250, 5)
  waves = np.clip(waves, 0, 255)
  return (waves * (257 if kind == u16 else 1)).astype(kind)


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, depth, color, palette=None, transparency=None, interlaced=False, level=9, strategy=zlib.Z_DEFAULT_STRATEGY):
  """A PNG file of samples [height, width, n], each row filtered another way."""
  height, width, count = samples.shape

  def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

  def pack(row):
    if depth == 16:
      return row.astype(">u2").tobytes()
    bits = ((row.reshape(-1, 1) >> np.arange(depth - 1, -1, -1)) & 1).astype(u8).reshape(-1)
    return np.packbits(bits).tobytes()

  def encode(part):
    out, step = b"", max(1, count * depth // 8)
    above = np.zeros(len(pack(part[0])), i32)
    for number, row in enumerate(part):
      line = np.frombuffer(pack(row), u8).astype(i32)
      left = np.concatenate([np.zeros(step, i32), line])[:len(line)]
      corner = np.concatenate([np.zeros(step, i32), above])[:len(line)]
      guess = left + above - corner
      a, b, c = abs(guess - left), abs(guess - above), abs(guess - corner)
      paeth = np.where((a <= b) & (a <= c), left, np.where(b <= c, above, corner))
      kind = number % 5
      foretold = [0, left, above, (left + above) // 2, paeth][kind]
      out += bytes([kind]) + ((line - foretold) % 256).astype(u8).tobytes()
      above = line
    return out

  passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
  parts = [samples[y::sy, x::sx] for x, y, sx, sy in passes]
  raw = b"".join(encode(part) for part in parts if part.size)
  packer = zlib.compressobj(level, zlib.DEFLATED, 15, 9, strategy)
  packed = packer.compress(raw) + packer.flush()
  half = len(packed) // 2
  out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced)))
  out += chunk(b"tEXt", b"Title\0golden")
  if palette is not None:
    out += chunk(b"PLTE", palette.tobytes())
  if transparency is not None:
    out += chunk(b"tRNS", transparency)
  return out + chunk(b"IDAT", packed[:half]) + chunk(b"IDAT", packed[half:]) + chunk(b"IEND", b"")


ZIGZAG = sorted(range(64), key=lambda i: (i // 8 + i % 8, i // 8 if (i // 8 + i % 8) % 2 else i % 8))


def jpeg(width, height, factors, restart=0, adobe=None, ids=None, jfif=False):
  """A sequential JPEG file of random coefficients, with a fixed code of 8 bits per symbol."""
  random = rng(width * 100 + height + len(factors))
  sizes = list(range(12))
  symbols = sorted([0, 0xF0] + [run * 16 + size for run in range(16) for size in range(1, 11)])
  ids = ids or list(range(1, len(factors) + 1))
  across, down = max(a for a, _ in factors), max(d for _, d in factors)

  def segment(marker, content):
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

  out = b"\xff\xd8"
  if jfif:
    out += segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
  if adobe is not None:
    out += segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, adobe))
  out += segment(0xDB, b"\0" + bytes(int(v) for v in random.randint(3, 30, 64)))
  out += segment(0xC0, struct.pack(">BHHB", 8, height, width, len(factors)) + b"".join(bytes([i, a * 16 + d, 0]) for i, (a, d) in zip(ids, factors)))
  for kind, table in ((0, sizes), (16, symbols)):
    out += segment(0xC4, bytes([kind]) + bytes([0] * 7 + [len(table)] + [0] * 8) + bytes(table))
  if restart:
    out += segment(0xDD, struct.pack(">H", restart))
  out += segment(0xDA, bytes([len(factors)]) + b"".join(bytes([i, 0]) for i in ids) + b"\0\x3f\0")

  bits, previous = [], [0] * len(factors)

  def put(value, count):
    bits.extend((value >> shift) & 1 for shift in range(count - 1, -1, -1))

  def signed(value, size):
    put(value if value > 0 else value + (1 << size) - 1, size)

  def block(index):
    dc = int(np.clip(previous[index] + random.randint(-12, 13), -30, 30))
    difference, previous[index] = dc - previous[index], dc
    size = abs(difference).bit_length()
    put(sizes.index(size), 8)
    signed(difference, size)
    k = 1
    while k < 64:
      run = int(random.randint(0, 20))
      if k + run > 63 or random.uniform() < 0.2:
        break
      value = int(random.randint(1, 8) * random.choice([-1, 1]))
      while run > 15:
        put(symbols.index(0xF0), 8)
        run, k = run - 16, k + 16
      size = abs(value).bit_length()
      put(symbols.index(run * 16 + size), 8)
      signed(value, size)
      k += run + 1
    if k < 64:
      put(symbols.index(0), 8)

  def flush():
    bits.extend([1] * (-len(bits) % 8))
    data = np.packbits(np.array(bits, u8)).tobytes().replace(b"\xff", b"\xff\0")
    bits.clear()
    return data

  if len(factors) == 1:
    factors, across, down = [(1, 1)], 1, 1
  units = -(-width // (8 * across)) * -(-height // (8 * down))
  for unit in range(units):
    if restart and unit and unit % restart == 0:
      out += flush() + bytes([0xFF, 0xD0 + (unit // restart - 1) % 8])
      previous = [0] * len(factors)
    for index, (a, d) in enumerate(factors):
      for _ in range(a * d):
        block(index)
  return out + flush() + b"\xff\xd9"


def lzw(indices, bits):
  clear, out = 1 << bits, []
  table, width, prefix = {(i,): i for i in range(clear)}, bits + 1, ()
  out += [(clear, width)]
  following = clear + 2
  for index in indices:
    if prefix + (index,) in table:
      prefix += (index,)
      continue
    out.append((table[prefix], width))
    if following < 4096:
      table[prefix + (index,)] = following
      following += 1
      if following - 1 == 1 << width and width < 12:
        width += 1
    prefix = (index,)
  out += [(table[prefix], width), (clear + 1, width)]
  number = shift = 0
  for code, size in out:
    number |= code << shift
    shift += size
  return number.to_bytes((shift + 7) // 8, "little")


def gif(width, height, frames, colors, local=None):
  """Frames are (left, top, indices, transparent or None, interlaced)."""
  bits = (len(colors) - 1).bit_length()
  out = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80 | (bits - 1), 0, 0) + colors.astype(u8).tobytes()
  for left, top, indices, transparent, interlaced in frames:
    if transparent is not None:
      out += b"\x21\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    rows, columns = indices.shape
    order = [*range(0, rows, 8), *range(4, rows, 8), *range(2, rows, 4), *range(1, rows, 2)] if interlaced else range(rows)
    flags = (0x40 if interlaced else 0) | (0x80 | (bits - 1) if local is not None else 0)
    out += b"\x2c" + struct.pack("<HHHHB", left, top, columns, rows, flags)
    if local is not None:
      out += local.astype(u8).tobytes()
    data = lzw(indices[list(order)].reshape(-1).tolist(), max(2, bits))
    out += bytes([max(2, bits)])
    for at in range(0, len(data), 255):
      out += bytes([len(data[at:at + 255])]) + data[at:at + 255]
    out += b"\0"
  return out + b"\x3b"


def bmp(pixels, top_down=False):
  height, width, channels = pixels.shape
  rows = pixels if channels == 1 else pixels[..., [2, 1, 0, 3][:channels]]
  rows = rows if top_down else rows[::-1]
  padding = b"\0" * (-width * channels % 4)
  data = b"".join(row.tobytes() + padding for row in rows)
  head = struct.pack("<IiiHHIIiiII", 40, width, -height if top_down else height, 1, channels * 8, 0, len(data), 0, 0, 0, 0)
  return b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + head + data


def wav(samples, rate=16000, extra=b""):
  channels = samples.shape[1]
  data = samples.astype("<i2").tobytes()
  form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
  body = b"WAVEfmt " + struct.pack("<I", 16) + form + extra + b"data" + struct.pack("<I", len(data)) + data
  return b"RIFF" + struct.pack("<I", len(body)) + body


def encode_jpeg(pixels, **attributes):
  with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    return session.run(tf.io.encode_jpeg(pixels, **attributes))


def decoding(family):
  c = family.case
  types = (tf.uint8, tf.uint16, tf.float32)

  photographs = [
      encode_jpeg(picture(24, 40, 3), quality=90),
      encode_jpeg(picture(17, 23, 3), quality=75),
      encode_jpeg(picture(33, 35, 3), quality=40, progressive=True),
      encode_jpeg(picture(21, 19, 3), quality=95, chroma_downsampling=False, optimize_size=True),
      encode_jpeg(picture(16, 16, 3), quality=95, progressive=True, chroma_downsampling=False),
      encode_jpeg(picture(13, 30, 1), quality=80),
      encode_jpeg(picture(13, 30, 1), quality=99, progressive=True),
      encode_jpeg(picture(1, 1, 3)),
      encode_jpeg(picture(2, 3, 3)),
      encode_jpeg(picture(5, 4, 3)),
      encode_jpeg(picture(9, 2, 3)),
      jpeg(37, 21, [(2, 1), (1, 1), (1, 1)]),
      jpeg(21, 37, [(1, 2), (1, 1), (1, 1)]),
      jpeg(37, 35, [(2, 2), (1, 1), (1, 1)], restart=2),
      jpeg(37, 35, [(4, 1), (1, 1), (1, 1)]),
      jpeg(37, 35, [(2, 2), (2, 1), (1, 2)], restart=1),
      jpeg(30, 20, [(1, 1)] * 3, ids=[ord(x) for x in "RGB"]),
      jpeg(30, 20, [(1, 1)] * 3, adobe=0),
      jpeg(30, 20, [(1, 1)] * 3, adobe=1),
      jpeg(30, 20, [(1, 1)] * 3, ids=[0, 1, 2], jfif=True),
      jpeg(30, 20, [(2, 2)]),
  ]
  for photograph in photographs:
    for channels in (0, 1, 3):
      c("DecodeJpeg", text(photograph), channels=channels)
    c("DecodeJpeg", text(photograph), fancy_upscaling=False)
  inks = [jpeg(30, 20, [(1, 1)] * 4), jpeg(30, 20, [(1, 1)] * 4, adobe=0), jpeg(30, 21, [(2, 2), (1, 1), (1, 1), (2, 2)], adobe=2)]
  for ink in inks:
    for channels in (0, 3):
      c("DecodeJpeg", text(ink), channels=channels)
    c("DecodeJpeg", text(ink), channels=1, fails=True)
  c("DecodeJpeg", text(photographs[0]), dct_method="INTEGER_ACCURATE")
  for window in ((0, 0, 24, 40), (3, 5, 10, 11), (1, 17, 20, 9), (23, 39, 1, 1)):
    c("DecodeAndCropJpeg", text(photographs[0]), np.array(window, i32))
    c("DecodeAndCropJpeg", text(photographs[3]), np.minimum(np.array(window, i32), np.array([20, 18, 1, 1], i32)))
  c("DecodeAndCropJpeg", text(photographs[0]), np.array([3, 5, 30, 11], i32), fails=True)
  c("DecodeJpeg", text(photographs[0][:-200]), fails=True)
  c("DecodeJpeg", text(photographs[0][:60]), fails=True)
  c("DecodeJpeg", text(b""), fails=True)
  c("DecodeJpeg", text(b"not an image"), fails=True)
  c("DecodeJpeg", text([photographs[0]] * 2), fails=True)

  files = []
  for interlaced in (False, True):
    for depth in (1, 2, 4, 8):
      colors = 1 << min(depth, 5)
      gray = rng(depth).randint(0, 1 << depth, [11, 13, 1])
      files.append(png(gray, depth, 0, interlaced=interlaced))
      files.append(png(gray, depth, 0, transparency=struct.pack(">H", 1), interlaced=interlaced))
      indices = rng(depth).randint(0, colors, [7, 9, 1])
      palette = rng(depth).randint(0, 256, [colors, 3]).astype(u8)
      files.append(png(indices, depth, 3, palette, interlaced=interlaced))
      files.append(png(indices, depth, 3, palette, bytes([3, 200]), interlaced=interlaced))
    for kind, depth in ((u8, 8), (u16, 16)):
      for color, count in ((0, 1), (2, 3), (4, 2), (6, 4)):
        samples = picture(9, 10, count, kind)
        files.append(png(samples, depth, color, interlaced=interlaced))
        if color == 2:
          key = struct.pack(">HHH", *[int(v) for v in samples[3, 4]])
          files.append(png(samples, depth, color, transparency=key, interlaced=interlaced))
      if kind == u16:
        gray = picture(9, 10, 1, kind)
        files.append(png(gray, depth, 0, transparency=struct.pack(">H", int(gray[3, 4, 0])), interlaced=interlaced))
  files.append(png(picture(40, 50, 3), 8, 2, level=0))
  files.append(png(picture(40, 50, 3), 8, 2, strategy=zlib.Z_FIXED))
  files.append(png(np.zeros([60, 70, 3], i32), 8, 2))
  files.append(png(picture(1, 1, 3), 8, 2, interlaced=True))
  for number, file in enumerate(files):
    for channels in (0, 1, 3, 4):
      c("DecodePng", text(file), channels=channels)
      if number % 3 == 0:
        c("DecodePng", text(file), channels=channels, dtype=tf.uint16)
    if number % 5 == 0:
      c("DecodeImage", text(file), dtype=tf.float32)
      c("DecodeJpeg", text(file), channels=3)
      c("DecodeGif", text(file))

  def spoil(at):
    return files[0][:at] + bytes([files[0][at] ^ 1]) + files[0][at + 1:]

  c("DecodePng", text(spoil(45)))
  for data in (spoil(-20), files[0][:-12], spoil(20), files[0][:-30], files[0][:20], files[0][:33]):
    c("DecodePng", text(data), fails=True)

  colors = rng(1).randint(0, 256, [8, 3])
  still = gif(9, 8, [(0, 0, rng(2).randint(0, 8, [8, 9]), None, False)], colors)
  woven = gif(9, 13, [(0, 0, rng(3).randint(0, 8, [13, 9]), None, True)], colors)
  many = gif(40, 50, [(0, 0, rng(4).randint(0, 256, [50, 40]), None, False)], rng(5).randint(0, 256, [256, 3]))
  long = gif(120, 90, [(0, 0, rng(4).randint(0, 2, [90, 120]), None, False)], colors[:2])
  moving = gif(9, 8, [
      (0, 0, rng(6).randint(0, 8, [8, 9]), None, False),
      (2, 3, rng(7).randint(0, 8, [4, 5]), 3, False),
      (1, 1, rng(8).randint(0, 8, [7, 6]), None, True),
  ], colors)
  offset = gif(9, 8, [(2, 3, rng(7).randint(0, 8, [4, 5]), 3, False), (0, 0, rng(7).randint(0, 8, [8, 9]), 3, False)], colors, local=colors[::-1])
  roomy = gif(20, 21, [(2, 3, rng(7).randint(0, 8, [8, 9]), 3, False), (1, 1, rng(7).randint(0, 8, [4, 15]), 3, False)], colors)
  for file in (still, woven, many, long, moving, offset, roomy):
    c("DecodeGif", text(file))
    for expand in (False, True):
      c("DecodeImage", text(file), expand_animations=expand)
    c("DecodeImage", text(file), dtype=tf.float32, channels=3)
  c("DecodePng", text(still))
  c("DecodeJpeg", text(still), channels=3)
  c("DecodePng", text(moving), fails=True)
  c("DecodeGif", text(still[:-20]), fails=True)
  c("DecodeImage", text(still), channels=1, fails=True)

  for channels in (1, 3, 4):
    for top_down in (False, True):
      file = bmp(picture(6, 7, channels), top_down)
      for op in ("DecodeBmp", "DecodeImage"):
        c(op, text(file))
        c(op, text(file), channels=channels, fails=channels == 1)
  c("DecodeBmp", text(file), channels=1, fails=True)
  c("DecodeBmp", text(file[:-9]), fails=True)
  c("DecodePng", text(file), fails=True)
  for dtype in types:
    for file in (photographs[0], photographs[5], files[4], still):
      c("DecodeImage", text(file), dtype=dtype)
      c("DecodeImage", text(file), dtype=dtype, channels=3)
  c("DecodeBmp", text(still), fails=True)
  c("DecodeAndCropJpeg", text(still), np.array([0, 0, 1, 1], i32), fails=True)

  for channels in (1, 2):
    sound = wav(rng(channels).randint(-32768, 32768, [50, channels]), extra=b"LIST\x04\0\0\0abcd" if channels == 2 else b"")
    for wanted in (-1, 1, 2, 3):
      for length in (-1, 0, 20, 70):
        c("DecodeWav", text(sound), desired_channels=wanted, desired_samples=length)
    for broken in (sound[:-3], sound[:30], b"", sound[:20] + b"\3" + sound[21:]):
      c("DecodeWav", text(broken), fails=True)


def detection(family):
  c = family.case
  f16 = np.float16

  def vector(*values):
    return np.array(values, i32)

  corners = rng(3).uniform(0, 1, [14, 2]).astype(f32)
  boxes = np.concatenate([corners, corners + rng(4).uniform(0.1, 0.6, [14, 2]).astype(f32)], axis=1)
  boxes[5] = boxes[5][[2, 3, 0, 1]]
  boxes[6] = boxes[7]
  boxes[8, 2:] = boxes[8, :2]
  scores = rng(5).uniform(0, 1, [14]).astype(f32)
  scores[3] = scores[4]
  for most in (0, 3, 14):
    for padded in (False, True):
      for sigma in (0.0, 0.2, 1.5):
        for limit in (0.0, 0.4):
          c("NonMaxSuppressionV5", boxes, scores, scalar(most), scalar(0.3, f32), scalar(limit, f32), scalar(sigma, f32), pad_to_max_output_size=padded, tolerance=(2e-6, 0))
  c("NonMaxSuppressionV5", boxes[:0], scores[:0], scalar(3), scalar(0.3, f32), scalar(0.1, f32), scalar(0.0, f32))
  c("NonMaxSuppressionV5", boxes[:, :3], scores, scalar(3), scalar(0.3, f32), scalar(0.1, f32), scalar(0.0, f32), fails=True)
  c("NonMaxSuppressionV5", boxes, scores[:5], scalar(3), scalar(0.3, f32), scalar(0.1, f32), scalar(0.0, f32), fails=True)
  for classes, groups in ((1, 1), (3, 1), (3, 3)):
    many = np.stack([boxes + rng(group).uniform(-0.1, 0.1, boxes.shape).astype(f32) for group in range(groups)], axis=1)
    many = np.stack([many, many[::-1]])
    ratings = rng(classes).uniform(0, 1, [2, 14, classes]).astype(f32)
    for per_class, total in ((2, 4), (14, 50), (3, 100)):
      for per, clips in ((False, True), (True, False)):
        c("CombinedNonMaxSuppression", many, ratings, scalar(per_class), scalar(total), scalar(0.4, f32), scalar(0.3, f32), pad_per_class=per, clip_boxes=clips)
    c("CombinedNonMaxSuppression", many, ratings, scalar(3), scalar(5), scalar(0.4, f32), scalar(1.0, f32))
  c("CombinedNonMaxSuppression", many, ratings, scalar(3), scalar(0), scalar(0.4, f32), scalar(0.3, f32), fails=True)
  c("CombinedNonMaxSuppression", many[:, :9], ratings, scalar(3), scalar(5), scalar(0.4, f32), scalar(0.3, f32), fails=True)

  for aligned in (False, True):
    for size in ((3, 9), (8, 4), (1, 1), (5, 6), (2, 3)):
      for kind in (f32, u8, np.int64):
        images = rng(2).uniform(0, 200, [2, 5, 6, 3]).astype(kind)
        c("ResizeArea", images, vector(*size), align_corners=aligned, tolerance=(3e-6, 1e-5))
  c("ResizeArea", images, vector(0, 3), fails=True)

  for kind in (f32, np.float64):
    logits = rng(9).standard_normal([7, 3, 4]).astype(kind) * 3
    logits[2] = logits[1]
    for merges in (False, True):
      for blank in (-1, 0, 2):
        c("CTCGreedyDecoder", logits, vector(7, 4, 0), merge_repeated=merges, blank_index=blank, tolerance=(1e-6, 0))
  c("CTCGreedyDecoder", logits, vector(0, 0, 0))
  c("CTCGreedyDecoder", logits, vector(8, 4, 0), fails=True)
  c("CTCGreedyDecoder", logits, vector(7, 4), fails=True)


FAMILIES = [decoding, detection]

if __name__ == "__main__":
  target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/runtime/testdata/kernels")
  for build in FAMILIES:
    family = Family(build.__name__)
    build(family)
    family.write(target)
