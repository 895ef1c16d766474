// Drives a registry with Confluent's own client. Arguments: its URL, then a record written elsewhere (hex) to topic 'theirs'. Prints one JSON object of what was seen.
import registry from '@confluentinc/schemaregistry';

const { SchemaRegistryClient, AvroSerializer, AvroDeserializer, SerdeType, Compatibility } = registry;
const [url, theirs] = process.argv.slice(2);
const open = () => new SchemaRegistryClient({ baseURLs: [url], maxRetries: 0 });
const client = open();
const avro = (schema, references) => ({ schemaType: 'AVRO', schema: JSON.stringify(schema), ...(references && { references }) });
const record = (name, ...fields) => ({ type: 'record', name, namespace: 'shop', fields });
const field = (name, type, rest) => ({ name, type, ...rest });
const refusal = async (call) => {
  try {
    await call();
    return null;
  } catch (error) {
    return { status: error.status, code: error.errorCode, message: error.message };
  }
};

const first = avro(record('Item', field('id', 'long')));
const second = avro(record('Item', field('id', 'long'), field('name', 'string', { default: '' })));
const wrong = avro(record('Item', field('id', 'long'), field('price', 'double')));
// No slash in it: some of this client's calls do not escape the subject.
const subject = 'items of the shop-value';
const seen = {};

seen.first = await client.register(subject, first);
seen.again = await open().register(subject, first);
seen.elsewhere = await client.register('copies-value', first);
seen.second = await client.register(subject, second);
seen.read = JSON.parse((await open().getBySubjectAndId(subject, seen.second)).schema);
seen.versions = await client.getAllVersions(subject);
seen.latest = (await client.getLatestSchemaMetadata(subject)).version;
seen.version = await open().getVersion(subject, second);
seen.id = await open().getId(subject, first);
seen.fits = await client.testSubjectCompatibility(subject, second);
seen.wrongFits = await client.testCompatibility(subject, 1, wrong);
seen.refused = await refusal(() => open().register(subject, wrong));
seen.unknown = await refusal(() => client.getLatestSchemaMetadata('nobody'));

seen.level = await client.getDefaultCompatibility();
seen.set = await client.updateCompatibility(subject, Compatibility.NONE);
seen.forced = await open().register(subject, wrong);
seen.config = await client.updateConfig('copies-value', { compatibilityLevel: 'FULL', compatibility: 'FULL', normalize: true });
seen.configRead = await client.getConfig('copies-value');

seen.address = await client.register('address', avro(record('Address', field('city', 'string'))));
seen.order = await client.register('order', avro(record('Order', field('to', 'shop.Address')), [{ name: 'shop.Address', subject: 'address', version: 1 }]));
seen.orderRead = (await open().getBySubjectAndId('order', seen.order)).references;
seen.held = await refusal(() => client.deleteSubject('address'));

seen.deleted = await client.deleteSubject(subject);
seen.gone = await refusal(() => open().getLatestSchemaMetadata(subject));
seen.erased = await client.deleteSubject(subject, true);
seen.subjects = (await client.getAllSubjects()).sort();

await client.register('ours-value', second);
const writer = new AvroSerializer(open(), SerdeType.VALUE, { useLatestVersion: true });
seen.ours = (await writer.serialize('ours', { id: 7, name: 'Größe' })).toString('hex');
const reader = new AvroDeserializer(open(), SerdeType.VALUE, {});
seen.theirs = await reader.deserialize('theirs', Buffer.from(theirs, 'hex'));
console.log(JSON.stringify(seen));
