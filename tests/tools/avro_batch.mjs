// Reads each line's Avro data with avsc and writes it again. Lines as in avro_batch.py.
import { createInterface } from 'node:readline';
import avro from 'avsc';

// 64 bits do not fit in a JavaScript number.
const long = avro.types.LongType.__with({
  fromBuffer: (bytes) => bytes.readBigInt64LE(),
  toBuffer: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value) => typeof value === 'bigint',
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
});
const parse = (schema) => avro.Type.forSchema(schema, { registry: { long }, wrapUnions: true });

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const { writer, reader, hex } = JSON.parse(line);
    const from = parse(writer);
    const to = reader ? parse(reader) : from;
    const value = to.fromBuffer(Buffer.from(hex, 'hex'), reader ? to.createResolver(from) : undefined);
    console.log(JSON.stringify({ hex: to.toBuffer(value).toString('hex') }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
