using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace CdcSync.Capture.Snapshot;

/// <summary>Takes signals out of a file and a Kafka topic into the store, for one source, while it is captured.</summary>
public sealed class SignalChannels(SourceSettings source, SignalStore store, ILogger log, TimeProvider clock)
{
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(5), Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (source.SignalChannels() is not { } settings) return;
        var work = new List<Task>();
        if (settings.File is { } file) work.Add(ForeverAsync("file", token => FileAsync(file, settings.PollInterval, token), stop));
        if (settings.KafkaTopic is { } topic) work.Add(ForeverAsync("kafka", token => KafkaAsync(settings, topic, token), stop));
        await Task.WhenAll(work);
    }

    async Task ForeverAsync(string channel, Func<CancellationToken, Task> take, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await take(stop);
            }
            catch (Exception lost) when (!stop.IsCancellationRequested && lost is DbException or IOException or UnauthorizedAccessException or KafkaException)
            {
                Log.ChannelUnavailable(log, source.Name, channel, lost.Message);
                await Task.Delay(Retry, clock, stop);
            }
        }
    }

    // The file is moved aside first: what is written to it from then on is a new file, and what was taken is known by its content after a crash.
    async Task FileAsync(string path, TimeSpan interval, CancellationToken stop)
    {
        var taken = path + ".taken";
        while (true)
        {
            if (!File.Exists(taken) && File.Exists(path) && new FileInfo(path).Length > 0) File.Move(path, taken);
            if (File.Exists(taken))
            {
                var written = File.GetLastWriteTimeUtc(taken).Ticks;
                var lines = await File.ReadAllLinesAsync(taken, stop);
                for (var i = 0; i < lines.Length; i++)
                    if (lines[i].Trim() is { Length: > 0 } line) await SendAsync("file", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{written}:{i}:{line}"))), line, stop);
                File.Delete(taken);
            }
            await Task.Delay(interval, clock, stop);
        }
    }

    async Task KafkaAsync(SignalSettings settings, string topic, CancellationToken stop)
    {
        var options = new Dictionary<string, string>(settings.KafkaOptions)
        {
            ["bootstrap.servers"] = settings.KafkaBootstrap!, ["group.id"] = $"cdcsync-signals-{source.Name}", ["enable.auto.commit"] = "false",
        };
        options.TryAdd("auto.offset.reset", "earliest");
        using var consumer = new ConsumerBuilder<string?, string?>(options).Build();
        try
        {
            consumer.Subscribe(topic);
            while (true)
            {
                var message = await Task.Run(() => consumer.Consume(Patience), stop);
                stop.ThrowIfCancellationRequested();
                if (message is null || message.IsPartitionEOF) continue;
                if (message.Message.Key == source.Prefix && message.Message.Value is { } text)
                    await SendAsync("kafka", string.Create(CultureInfo.InvariantCulture, $"{topic}:{message.Partition.Value}:{message.Offset.Value}"), text, stop);
                await Task.Run(() => consumer.Commit(message), stop);
            }
        }
        finally
        {
            await Task.Run(consumer.Close, CancellationToken.None);
        }
    }

    async Task SendAsync(string channel, string reference, string text, CancellationToken stop)
    {
        try
        {
            await store.SendAsync(source.Name, channel, reference, SignalText.Parse(text), stop);
        }
        catch (FormatException wrong)
        {
            Log.SignalRefused(log, source.Name, $"{channel} {reference}", wrong.Message);
        }
    }
}
