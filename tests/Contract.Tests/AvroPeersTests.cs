using CdcSync.Contract.Avro;

namespace CdcSync.Contract.Tests;

/// <summary>Random cases on which this codec and independent ones must agree to the byte.</summary>
public class AvroPeersTests
{
    const int Cases = 400;

    [Fact]
    public async Task Python_reads_and_writes_the_same_bytes() => AgreeAll(RandomCases(1, null), await AvroPeers.PythonAsync(RandomCases(1, null)));

    [Fact]
    public async Task Avsc_reads_and_writes_the_same_bytes() => AgreeAll(RandomCases(2, null), await AvroPeers.NodeAsync(RandomCases(2, null)));

    [Fact]
    public async Task Python_resolves_schemas_the_same_way() => AgreeAll(RandomCases(3, false), await AvroPeers.PythonAsync(RandomCases(3, false)));

    [Fact]
    public async Task Avsc_resolves_schemas_the_same_way() => AgreeAll(RandomCases(4, true), await AvroPeers.NodeAsync(RandomCases(4, true)));

    /// <param name="seed">The same cases each time.</param>
    /// <param name="evolve">Null: read with the writer's schema. Else with another, with or without what only some peers know.</param>
    static List<AvroPeers.Case> RandomCases(int seed, bool? evolve) => [.. Enumerable.Range(0, Cases).Select(i =>
    {
        var random = new Random(seed * 1_000_003 + i);
        var samples = new AvroSamples(random, forPeers: true);
        var schema = samples.Schema();
        return new AvroPeers.Case(schema, evolve is { } full ? new AvroEvolution(random, full).Reader(schema) : null, AvroWriter.For(schema).ToBytes(samples.Value(schema)));
    })];

    static void AgreeAll(List<AvroPeers.Case> cases, IReadOnlyList<string> answers)
    {
        Assert.Equal(cases.Count, answers.Count);
        var wrong = new List<string>();
        for (var i = 0; i < cases.Count; i++)
        {
            var (writer, reader, data) = cases[i];
            var ours = Ours(writer, reader ?? writer, data);
            if (ours != answers[i]) wrong.Add($"#{i} {Convert.ToHexStringLower(data)} of {writer}\n  read by {reader}\n  here {ours}\n  peer {answers[i]}");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases.Count} differ, such as\n{string.Join("\n", wrong.OrderBy(w => w.Length).Take(3))}");
    }

    static string Ours(AvroSchema writer, AvroSchema reader, byte[] data)
    {
        try
        {
            return Convert.ToHexStringLower(AvroWriter.For(reader).ToBytes(AvroReader.For(writer, reader).Read(data)));
        }
        catch (Exception e) when (e is AvroSchemaException or AvroDataException)
        {
            return e.Message;
        }
    }
}
