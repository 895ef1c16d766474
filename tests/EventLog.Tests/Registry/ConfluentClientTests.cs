using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json.Nodes;
using CdcSync.Contract.Avro;
using CdcSync.EventLog.Registry;
using CdcSync.Servers;

namespace CdcSync.EventLog.Tests.Registry;

/// <summary>Confluent's own client for JavaScript, against the registry that is served.</summary>
public sealed class ConfluentClientTests(TestPostgres postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_registers_reads_evolves_is_refused_and_deletes()
    {
        await using var served = await ServedRegistry.StartAsync(postgres);
        var schema = AvroSchema.Parse("""{"type":"record","name":"Stock","namespace":"shop","fields":[{"name":"sku","type":"string"},{"name":"onHand","type":"int"}]}""");
        var id = await served.Registry.RegisterAsync("theirs-value", new RegisteredSchema(schema.ToJson()), Stop);
        byte[] framed = [0, 0, 0, 0, (byte)id, .. AvroWriter.For(schema).ToBytes(new AvroRecord((AvroRecordSchema)schema, ["Müsli", 12]))];

        var seen = await DriveAsync(served.Url, Convert.ToHexStringLower(framed));

        string Seen(string name) => seen[name]?.ToJsonString() ?? "null";
        Assert.Equal(("2", "2", "2", "3"), (Seen("first"), Seen("again"), Seen("elsewhere"), Seen("second")));
        Assert.Equal("name", (string?)seen["read"]!["fields"]![1]!["name"]);
        Assert.Equal(("[1,2]", "2", "2", "2"), (Seen("versions"), Seen("latest"), Seen("version"), Seen("id")));
        Assert.Equal(("true", "false"), (Seen("fits"), Seen("wrongFits")));
        Assert.Equal((409, 409), ((int)seen["refused"]!["status"]!, (int)seen["refused"]!["code"]!));
        Assert.Contains("READER_FIELD_MISSING_DEFAULT_VALUE", (string?)seen["refused"]!["message"], StringComparison.Ordinal);
        Assert.Equal((404, 40401), ((int)seen["unknown"]!["status"]!, (int)seen["unknown"]!["code"]!));
        Assert.Equal(("\"BACKWARD\"", "\"NONE\"", "4"), (Seen("level"), Seen("set"), Seen("forced")));
        Assert.Equal(("FULL", true), ((string?)seen["configRead"]!["compatibilityLevel"], (bool)seen["configRead"]!["normalize"]!));
        Assert.Equal("""[{"name":"shop.Address","subject":"address","version":1}]""", Seen("orderRead"));
        Assert.Equal((422, 42206), ((int)seen["held"]!["status"]!, (int)seen["held"]!["code"]!));
        Assert.Equal(("[1,2,3]", "[1,2,3]"), (Seen("deleted"), Seen("erased")));
        Assert.Equal(40401, (int)seen["gone"]!["code"]!);
        Assert.Equal("""["address","copies-value","order","theirs-value"]""", Seen("subjects"));
        Assert.Equal("""{"sku":"Müsli","onHand":12}""", seen["theirs"]!.ToJsonString(Relaxed));

        var ours = Convert.FromHexString((string)seen["ours"]!);
        var written = await HttpRegistry.Open(served.Url, null).GetAsync(BinaryPrimitives.ReadInt32BigEndian(ours.AsSpan(1)), Stop);
        var record = (AvroRecord)AvroReader.For(AvroSchema.Parse(written.Text)).Read(ours.AsSpan(5))!;
        Assert.Equal([7L, "Größe"], record.Values);
    }

    static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static async Task<JsonNode> DriveAsync(Uri url, string record)
    {
        var tools = Path.Combine(Needs.Root, "tests", "tools");
        if (!Directory.Exists(Path.Combine(tools, "node_modules", "@confluentinc", "schemaregistry")))
            Needs.Missing("@confluentinc/schemaregistry is not installed: npm install in tests/tools");
        var start = new ProcessStartInfo("node", [Path.Combine(tools, "registry_client.mjs"), url.AbsoluteUri.TrimEnd('/'), record])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = tools,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);
        Assert.True(process.ExitCode == 0, await errors);
        return JsonNode.Parse(await output)!;
    }
}
