using System.Buffers.Binary;
using CdcSync.Capture.Care;
using CdcSync.Contract.Avro;
using CdcSync.Contract.Changes;
using CdcSync.EventLog;

namespace CdcSync.Capture.Tests;

/// <summary>Waiting for a worker in a process of its own, by what it has put into the log.</summary>
static class Killing
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task UntilAsync(IEventLog log, string name, Func<Bookmark, bool> holds)
    {
        for (var waited = 0; await log.ReadBookmarkAsync(name, Stop) is var place && (place is null || !holds(place)); waited++)
        {
            Assert.True(waited < 1200, $"not within 60 s: {place}");
            await Task.Delay(50, Stop);
        }
    }

    public static Task HoldsAsync(IEventLog log, string name, Func<HeldTable?, bool> holds) => UntilAsync(log, name, place => holds(CaptureWorker.HeldIn(place).SingleOrDefault()));

    public static async Task UntilThereAsync(IEventLog log, string topic)
    {
        for (var waited = 0; (await log.ListTopicsAsync(Stop)).All(t => t.Name != topic || t.Partitions.Sum(p => p.Next) == 0); waited++)
        {
            Assert.True(waited < 1200, "not within 60 s");
            await Task.Delay(50, Stop);
        }
    }

    /// <summary>A value whose schema lies in the folder that the worker was given.</summary>
    public static AvroRecord? Read(byte[]? value, string schemas) => value is null ? null
        : (AvroRecord)AvroReader.For(AvroSchema.Parse(File.ReadAllText(Path.Combine(schemas, $"{BinaryPrimitives.ReadInt32BigEndian(value.AsSpan(1))}")))).Read(value.AsSpan(5))!;
}
