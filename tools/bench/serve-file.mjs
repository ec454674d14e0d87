// Serves one file under every address on loopback, as a host of modules does, and prints its port: node serve-file.mjs FILE
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';

const [file] = process.argv.slice(2);
const { size } = statSync(file);
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-length': size, 'accept-ranges': 'bytes', etag: '"weights"' });
  createReadStream(file, { highWaterMark: 2 ** 20 }).pipe(response);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
