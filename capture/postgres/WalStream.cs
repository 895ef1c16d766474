using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.Internal;
using NpgsqlTypes;

namespace CdcSync.Capture.Postgres;

/// <summary>The replication connection: pgoutput's messages one by one, and what we confirm the other way.</summary>
sealed class WalStream : IAsyncDisposable
{
    readonly LogicalReplicationConnection _connection;
    readonly CancellationTokenSource _ended;
    IAsyncEnumerator<XLogDataMessage>? _messages;
    Task<bool>? _pending;
    byte[] _message = new byte[64 * 1024];
    int _length;

    WalStream(LogicalReplicationConnection connection, CancellationToken stop) =>
        (_connection, _ended) = (connection, CancellationTokenSource.CreateLinkedTokenSource(stop));

    /// <summary>The message last moved to; valid until the next move.</summary>
    public ReadOnlySpan<byte> Message => _message.AsSpan(0, _length);

    /// <summary>Where in the log it is from.</summary>
    public ulong Lsn { get; private set; }

    /// <summary>How far the server has sent, changes of no interest included.</summary>
    public ulong Received => (ulong)_connection.LastReceivedLsn;

    public static async Task<WalStream> OpenAsync(PostgresSettings settings, ulong start, IReadOnlyList<string> publications, CancellationToken stop)
    {
        var connection = new LogicalReplicationConnection(new NpgsqlConnectionStringBuilder(settings.Connection) { ApplicationName = "cdcsync", CommandTimeout = 0 }.ConnectionString)
        {
            WalReceiverStatusInterval = TimeSpan.FromSeconds(2),
        };
        try
        {
            await connection.Open(stop);
            var stream = new WalStream(connection, stop);
            stream._messages = connection
                .StartLogicalReplication(new Slot(settings.SlotName), stream._ended.Token, new NpgsqlLogSequenceNumber(start), Options(publications))
                .GetAsyncEnumerator(stream._ended.Token);
            return stream;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    static KeyValuePair<string, string?>[] Options(IReadOnlyList<string> publications) =>
    [
        new("proto_version", "1"),
        new("publication_names", string.Join(',', publications.Select(Sql.Identifier))),
        new("binary", "true"),
    ];

    /// <summary>Waits for the next message; false when the server ended the stream.</summary>
    public ValueTask<bool> MoveAsync()
    {
        if (_pending is not { } pending) return NextAsync();
        _pending = null;
        return new ValueTask<bool>(pending);
    }

    /// <summary>Keeps a move that has not ended yet: the next <see cref="MoveAsync"/> takes it up again.</summary>
    public Task Park(ValueTask<bool> move) => _pending = move.AsTask();

    async ValueTask<bool> NextAsync()
    {
        if (!await _messages!.MoveNextAsync()) return false;
        var message = _messages.Current;
        _length = (int)message.Data.Length;
        if (_length > _message.Length || _message.Length > 1 << 20 && _length < 64 * 1024) _message = new byte[Math.Max(_length, 64 * 1024)];
        await message.Data.ReadExactlyAsync(_message.AsMemory(0, _length), CancellationToken.None);
        Lsn = (ulong)message.WalStart;
        return true;
    }

    /// <summary>Tells the server that everything before <paramref name="lsn"/> is durable here; it goes out with the next status.</summary>
    public void Confirm(ulong lsn)
    {
        var place = new NpgsqlLogSequenceNumber(lsn);
        if (place > _connection.LastFlushedLsn) _connection.SetReplicationStatus(place);
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_pending is not null) await ((Task)_pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            if (_messages is not null) await _messages.DisposeAsync();
        }
        catch (Exception ended) when (ended is OperationCanceledException or NpgsqlException or NotSupportedException or InvalidOperationException or ObjectDisposedException)
        {
            // The connection is going either way.
        }
        await _connection.DisposeAsync();
        _ended.Dispose();
    }

    sealed class Slot(string name) : LogicalReplicationSlot("pgoutput", new ReplicationSlotOptions(name));
}
