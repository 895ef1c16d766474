using System.Collections.Concurrent;
using System.Diagnostics;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace CdcSync.EventLog.Kafka;

/// <summary>The topics of the cluster.</summary>
sealed class KafkaTopics(IAdminClient admin, KafkaClients clients)
{
    readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>Asks the cluster who it is, to fail early and clearly.</summary>
    public Task ReachAsync() => Task.Run(() => admin.GetMetadata(TopicNames.Positions, clients.Settings.Timeout));

    /// <summary>Makes the topic with defaults when it is not there.</summary>
    public async ValueTask KnowAsync(string topic, CancellationToken stop)
    {
        if (_known.ContainsKey(topic) && !TopicNames.IsInternal(topic)) return;
        TopicNames.Check(topic);
        await CreateAsync(new TopicSettings(topic), Policy(new TopicSettings(topic)), stop);
    }

    /// <summary>Makes the topic, or brings its settings up to date.</summary>
    public async Task MakeAsync(TopicSettings topic, CancellationToken stop)
    {
        TopicNames.Check(topic.Name);
        var policy = Policy(topic);
        if (await CreateAsync(topic, policy, stop)) return;
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic.Name };
        var entries = (await admin.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = clients.Settings.Timeout }).WaitAsync(stop))[0].Entries;
        var changes = policy.Where(p => entries[p.Key].Value != p.Value)
            .Select(p => new ConfigEntry { Name = p.Key, Value = p.Value, IncrementalOperation = AlterConfigOpType.Set }).ToList();
        if (changes.Count > 0) await admin.IncrementalAlterConfigsAsync(new() { [resource] = changes }).WaitAsync(stop);
    }

    /// <summary>Makes the compacted topic of the bookmarks: small segments, so that reading it to its end stays quick.</summary>
    public async ValueTask MakePositionsAsync(CancellationToken stop)
    {
        if (_known.ContainsKey(TopicNames.Positions)) return;
        await CreateAsync(new TopicSettings(TopicNames.Positions), new(StringComparer.Ordinal)
        {
            ["cleanup.policy"] = "compact", ["segment.bytes"] = "16777216", ["segment.ms"] = "3600000", ["min.cleanable.dirty.ratio"] = "0.1",
        }, stop);
    }

    public async Task<IReadOnlyList<TopicInfo>> ListAsync(CancellationToken stop)
    {
        var metadata = await Task.Run(() => admin.GetMetadata(clients.Settings.Timeout), stop);
        var topics = metadata.Topics.Where(t => !TopicNames.IsInternal(t.Topic) && !t.Error.IsError).OrderBy(t => t.Topic, StringComparer.Ordinal).ToList();
        var partitions = topics.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p.PartitionId))).ToList();
        if (partitions.Count == 0) return [];
        var first = await OffsetsAsync(partitions, OffsetSpec.Earliest(), stop);
        var next = await OffsetsAsync(partitions, OffsetSpec.Latest(), stop);
        return [.. topics.Select(t => new TopicInfo(t.Topic,
            [.. t.Partitions.Select(p => new TopicPartition(t.Topic, p.PartitionId)).OrderBy(p => p.Partition.Value).Select(p => (first[p], next[p]))]))];
    }

    /// <summary>An end of partitions, uncommitted records included.</summary>
    public async Task<Dictionary<TopicPartition, long>> OffsetsAsync(IReadOnlyCollection<TopicPartition> partitions, OffsetSpec which, CancellationToken stop)
    {
        var options = new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = clients.Settings.Timeout };
        var offsets = new Dictionary<TopicPartition, long>();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var error = await AskAsync();
            if (error is null) return offsets;
            if (Stopwatch.GetElapsedTime(started) > clients.Settings.Timeout) throw new KafkaException(error);
            await Task.Delay(200, stop);      // a topic just made, or a leader just changed: the brokers will know soon
        }

        async Task<Error?> AskAsync()
        {
            try
            {
                var found = await admin.ListOffsetsAsync(partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = p, OffsetSpec = which }), options).WaitAsync(stop);
                foreach (var result in found.ResultInfos) offsets[result.TopicPartitionOffsetError.TopicPartition] = result.TopicPartitionOffsetError.Offset.Value;
                // When a leader has gone away, the client may answer without an error and without an offset: taken as it is, a topic would seem empty.
                return offsets.Count == partitions.Count && offsets.Values.All(o => o >= 0) ? null : new Error(ErrorCode.LeaderNotAvailable, "The client did not get the offsets");
            }
            catch (ListOffsetsException failed)
            {
                return failed.Result.ResultInfos.Select(r => r.TopicPartitionOffsetError.Error).FirstOrDefault(e => e.IsError) ?? failed.Error;
            }
        }
    }

    async Task<bool> CreateAsync(TopicSettings topic, Dictionary<string, string> policy, CancellationToken stop)
    {
        var made = false;
        try
        {
            var specification = new TopicSpecification { Name = topic.Name, NumPartitions = topic.Partitions, ReplicationFactor = (short)clients.Settings.Replicas, Configs = policy };
            await admin.CreateTopicsAsync([specification], new CreateTopicsOptions { OperationTimeout = clients.Settings.Timeout, RequestTimeout = clients.Settings.Timeout }).WaitAsync(stop);
            made = true;
        }
        catch (CreateTopicsException exists) when (exists.Results.All(r => r.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // As wanted.
        }
        catch (CreateTopicsException refused)
        {
            throw new KafkaException(refused.Results[0].Error, refused);      // the outer one only says that something went wrong
        }
        _known[topic.Name] = true;
        return made;
    }

    static Dictionary<string, string> Policy(TopicSettings topic) => new(StringComparer.Ordinal)
    {
        ["cleanup.policy"] = (topic.Compact, topic.Retention) switch { (true, null) => "compact", (true, _) => "compact,delete", _ => "delete" },
        ["retention.ms"] = topic.Retention is { } keep ? ((long)keep.TotalMilliseconds).ToString() : "-1",
    };
}
