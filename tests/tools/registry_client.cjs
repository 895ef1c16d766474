// Drives a registry with Confluent's own client: register, read, evolve, be refused, serialise. Usage: registry_client.cjs URL; prints one JSON object.
const { SchemaRegistryClient, AvroSerializer, AvroDeserializer, SerdeType } = require('@confluentinc/schemaregistry');

const url = process.argv[2];
const client = new SchemaRegistryClient({ baseURLs: [url], cacheCapacity: 100, cacheLatestTtlSecs: 1 });
const record = (fields) => ({ schemaType: 'AVRO', schema: JSON.stringify({ type: 'record', name: 'Order', namespace: 'shop', fields }) });
const id = { name: 'id', type: 'long' };
const note = { name: 'note', type: ['null', 'string'], default: null };

(async () => {
  const out = {};
  const subject = 'shop.orders-value';
  out.first = await client.register(subject, record([id]));
  out.again = await client.register(subject, record([id]));
  out.evolved = await client.register(subject, record([id, note]));
  out.versions = await client.getAllVersions(subject);
  out.latest = (await client.getLatestSchemaMetadata(subject)).version;
  out.subjects = await client.getAllSubjects();
  out.compatible = await client.testSubjectCompatibility(subject, record([id, note, { name: 'extra', type: 'int', default: 0 }]));
  out.incompatible = await client.testSubjectCompatibility(subject, record([{ name: 'id', type: 'string' }, { name: 'must', type: 'int' }]));
  try {
    await client.register(subject, record([id, note, { name: 'must', type: 'int' }]));
    out.refused = 'not at all';
  } catch (error) {
    out.refused = error.status ?? error.response?.status ?? String(error);
  }
  await client.updateCompatibility(subject, 'NONE');
  out.level = await client.getCompatibility(subject);
  out.afterNone = await client.register(subject, record([id, note, { name: 'must', type: 'int' }]));
  await client.register('shop.address', { schemaType: 'AVRO', schema: JSON.stringify({ type: 'record', name: 'Address', namespace: 'shop', fields: [{ name: 'city', type: 'string' }] }) });
  out.referring = await client.register('shop.customer', {
    schemaType: 'AVRO', schema: JSON.stringify({ type: 'record', name: 'Customer', namespace: 'shop', fields: [{ name: 'home', type: 'shop.Address' }] }),
    references: [{ name: 'shop.Address', subject: 'shop.address', version: 1 }],
  });
  const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
  const bytes = await serializer.serialize('parcels', await (async () => { await client.register('parcels-value', record([id, note])); return { id: 42, note: { string: 'fragile' } }; })().catch(() => ({ id: 42, note: 'fragile' }))).catch(async () => serializer.serialize('parcels', { id: 42, note: 'fragile' }));
  out.serialized = bytes.toString('hex');
  out.deserialized = await new AvroDeserializer(client, SerdeType.VALUE, {}).deserialize('parcels', bytes);
  out.deleted = await client.deleteSubject('shop.customer', false);
  out.afterDelete = await client.getAllSubjects();
  console.log(JSON.stringify(out));
  process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });
