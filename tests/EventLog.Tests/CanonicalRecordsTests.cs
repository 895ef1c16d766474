using System.Buffers;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.EventLog.Registry;

namespace CdcSync.EventLog.Tests;

public class CanonicalRecordsTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    readonly MemoryRegistry _registry = new();

    [Fact]
    public async Task An_object_and_its_delete_come_back()
    {
        var records = new CanonicalRecords(_registry);
        var customer = Sample();
        var batch = new LogBatch();
        await records.WriteAsync(batch, "canonical.customer", customer, Stop);
        await records.WriteDeleteAsync(batch, "canonical.customer", customer.Key, new SourcePosition(18, 1), customer.CommittedAt, "c2", Stop);

        var read = await new CanonicalRecords(_registry).ReadAsync(Record(batch, 0), Stop);
        Assert.Equal((customer.Key, customer.Position, customer.CommittedAt, customer.CorrelationId), (read.Key, read.Version, read.CommittedAt, read.CorrelationId));
        Assert.Equal(("Müller & Söhne", 12.5m, "DE1"), (((Customer)read.Object!).Name, ((Customer)read.Object).CreditLimit, ((Customer)read.Object).TaxIds[0].Value));
        var gone = await records.ReadAsync(Record(batch, 1), Stop);
        Assert.Null(gone.Object);
        Assert.Equal((customer.Key, new SourcePosition(18, 1)), (gone.Key, gone.Version));
        Assert.Equal(batch.Key(batch.Entries[0]).ToArray(), batch.Key(batch.Entries[1]).ToArray());
    }

    [Fact]
    public async Task It_is_Confluents_framing_with_ids_asked_for_once()
    {
        var records = new CanonicalRecords(_registry);
        var batch = new LogBatch();
        for (var i = 0; i < 3; i++) await records.WriteAsync(batch, "canonical.customer", Sample(), Stop);
        await records.WriteAsync(batch, "golden.customer", Sample(), Stop);
        Assert.Equal(["canonical.customer-key", "canonical.customer-value", "golden.customer-key", "golden.customer-value"], _registry.Registered);
        Assert.Equal([0, 0, 0, 0, 1], batch.Key(batch.Entries[0]).ToArray()[..5]);
        Assert.Equal([0, 0, 0, 0, 2], batch.Value(batch.Entries[0]).ToArray()[..5]);
        for (var i = 0; i < 3; i++) await records.ReadAsync(Record(batch, i), Stop);
        Assert.Equal(2, _registry.Asked);
    }

    [Fact]
    public async Task A_record_of_a_newer_version_is_read()
    {
        var codec = AvroObject.Codec<Customer>();
        var (text, fields) = (codec.Schema.ToJson(), "\"fields\":[");
        var newer = AvroSchema.Parse(text.Insert(text.IndexOf(fields, StringComparison.Ordinal) + fields.Length, "{\"name\":\"segment\",\"type\":\"string\"},"));
        var batch = new LogBatch();
        await new CanonicalRecords(_registry).WriteAsync(batch, "canonical.customer", Sample(), Stop);
        var id = await _registry.RegisterAsync("canonical.customer-value", new RegisteredSchema(newer.ToJson()), Stop);
        var output = new ArrayBufferWriter<byte>();
        output.Write<byte>([0, 0, 0, 0, (byte)id]);
        output.WriteString("gold");
        codec.Write(Sample(), output);
        var read = await new CanonicalRecords(_registry).ReadAsync(Record(batch, 0) with { Value = output.WrittenSpan.ToArray() }, Stop);
        Assert.Equal("Müller & Söhne", ((Customer)read.Object!).Name);
    }

    [Theory]
    [InlineData("", "schema id")]
    [InlineData("0100000002", "schema id")]
    [InlineData("0000000063", "99")]
    [InlineData("000000000206", "at byte 0")]
    [InlineData("000000000109", "CanonicalKey")]
    public async Task A_record_that_is_none_is_refused_with_its_place(string hex, string says)
    {
        var records = new CanonicalRecords(_registry);
        var batch = new LogBatch();
        await records.WriteAsync(batch, "canonical.customer", Sample(), Stop);
        var broken = Record(batch, 0) with { Value = Convert.FromHexString(hex), Offset = 41, Partition = 3 };
        var error = await Assert.ThrowsAsync<EventLogException>(async () => await records.ReadAsync(broken, Stop));
        Assert.Contains("canonical.customer[3]@41", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EventLogException>(async () => await records.ReadAsync(Record(batch, 0) with { Key = null }, Stop));
        await Assert.ThrowsAsync<EventLogException>(async () => await records.ReadAsync(Record(batch, 0) with { Headers = [] }, Stop));
    }

    [Fact]
    public async Task A_value_that_does_not_fit_leaves_the_batch_as_it_was()
    {
        var records = new CanonicalRecords(_registry);
        var batch = new LogBatch();
        await records.WriteAsync(batch, "canonical.customer", Sample(), Stop);
        var length = batch.Bytes;
        var error = await Assert.ThrowsAsync<EventLogException>(async () =>
            await records.WriteAsync(batch, "canonical.customer", Sample() with { CreditLimit = 0.0000001m }, Stop));
        Assert.Contains("credit_limit", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, length), (batch.Count, batch.Bytes));
        await records.WriteAsync(batch, "canonical.customer", Sample(), Stop);
        Assert.Equal(batch.Value(batch.Entries[0]).ToArray(), batch.Value(batch.Entries[1]).ToArray());
    }

    static Customer Sample() => new()
    {
        Source = "erp", SourceId = "7", Version = new SourcePosition(17, 2).ToString(), CommittedAt = DateTimeOffset.UnixEpoch.AddDays(20_000).AddMicroseconds(123),
        CorrelationId = "erp:17", Name = "Müller & Söhne", CreditLimit = 12.50m, TaxIds = [new TaxId { Value = "DE1" }],
    };

    static LogRecord Record(LogBatch batch, int index)
    {
        var entry = batch.Entries[index];
        return new LogRecord(entry.Topic, 0, index, entry.Timestamp, batch.Key(entry).ToArray(), entry.ValueLength < 0 ? null : batch.Value(entry).ToArray(), entry.Headers);
    }

    sealed class MemoryRegistry : ISchemaRegistry
    {
        readonly List<string> _schemas = [];

        public List<string> Registered { get; } = [];
        public int Asked { get; private set; }

        public Task<int> RegisterAsync(string subject, RegisteredSchema schema, CancellationToken stop)
        {
            Registered.Add(subject);
            if (!_schemas.Contains(schema.Text)) _schemas.Add(schema.Text);
            return Task.FromResult(_schemas.IndexOf(schema.Text) + 1);
        }

        public Task<RegisteredSchema> GetAsync(int id, CancellationToken stop)
        {
            Asked++;
            return id > 0 && id <= _schemas.Count
                ? Task.FromResult(new RegisteredSchema(_schemas[id - 1]))
                : throw new SchemaRegistryException(40403, $"Schema {id} not found");
        }
    }
}
