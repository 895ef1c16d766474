using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// The stream of a slot: pgoutput's messages one by one, and what we confirm the other way. The server hears from us every second whether the consumer reads or not, so a
/// slow consumer is no dead one.
/// </summary>
sealed class WalStream : IAsyncDisposable
{
    static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1), SilenceLimit = TimeSpan.FromSeconds(60), Gather = TimeSpan.FromMilliseconds(1);
    readonly WalConnection _connection;
    readonly CancellationTokenSource _ended;
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly byte[] _status = new byte[34];
    readonly TimeProvider _clock;
    Task _answering = Task.CompletedTask;
    Task<bool>? _pending;
    bool _insideTransaction;
    long _heardAt;
    ulong _confirmed, _received, _awaited = ulong.MaxValue;
    TaskCompletionSource _reached = new();

    WalStream(WalConnection connection, TimeProvider clock, CancellationToken stop) =>
        (_connection, _clock, _ended, _heardAt) = (connection, clock, CancellationTokenSource.CreateLinkedTokenSource(stop), clock.GetTimestamp());

    /// <summary>The message last moved to; valid until the next move.</summary>
    public ReadOnlySpan<byte> Message => _connection.Body[25..];

    /// <summary>Where in the log it is from.</summary>
    public ulong Lsn { get; private set; }

    /// <summary>How far the server has sent, changes of no interest included.</summary>
    public ulong Received => Volatile.Read(ref _received);

    public static async Task<WalStream> OpenAsync(PostgresSettings settings, ulong start, IReadOnlyList<string> publications, string encoding, TimeProvider clock, CancellationToken stop)
    {
        var connection = await WalConnection.OpenAsync(new NpgsqlConnectionStringBuilder(settings.Connection), encoding, stop);
        try
        {
            var names = Sql.Literal(string.Join(',', publications.Select(Sql.Identifier)));
            var command = $"START_REPLICATION SLOT {Sql.Identifier(settings.SlotName)} LOGICAL {Sql.Lsn(start)} (proto_version '1', publication_names {names}, binary 'true')";
            await connection.SendAsync((byte)'Q', Encoding.UTF8.GetBytes(command + '\0'), stop);
            do await connection.TakeAsync(stop);
            while (connection.Kind != (byte)'W');
            var stream = new WalStream(connection, clock, stop);
            stream._answering = stream.AnswerAsync(stream._ended.Token);
            return stream;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for the next message; false when the server ended the stream.</summary>
    public ValueTask<bool> MoveAsync()
    {
        if (_pending is { } pending)
        {
            _pending = null;
            return new ValueTask<bool>(pending);
        }
        return _connection.TryTake() && IsChange() ? ValueTask.FromResult(true) : NextAsync();
    }

    /// <summary>Keeps a move that has not ended yet: the next <see cref="MoveAsync"/> takes it up again.</summary>
    public Task Park(ValueTask<bool> move) => _pending = move.AsTask();

    async ValueTask<bool> NextAsync()
    {
        while (true)
        {
            if (_ended.IsCancellationRequested) await _answering;
            if (_connection.Kind == (byte)'c') return false;
            if (_connection.TryTake())
            {
                if (IsChange()) return true;
                continue;
            }
            // The server flushes every message: read at once, each costs a wake-up on both sides. Inside a transaction more is on its way.
            if (_insideTransaction) await Task.Delay(Gather, _clock, _ended.Token);
            await _connection.ReceiveAsync(_ended.Token);
            Volatile.Write(ref _heardAt, _clock.GetTimestamp());
        }
    }

    // Every frame passes here; only XLogData is the caller's.
    bool IsChange()
    {
        var body = _connection.Body;
        switch (_connection.Kind)
        {
            case (byte)'d' when body[0] == (byte)'w':
                Lsn = BinaryPrimitives.ReadUInt64BigEndian(body[1..]);
                if (Lsn > _received) Receive(Lsn);
                _insideTransaction = body[25] != (byte)'C';
                return true;
            case (byte)'d' when body[0] == (byte)'k':
                var end = BinaryPrimitives.ReadUInt64BigEndian(body[1..]);
                if (end > _received) Receive(end);
                return false;
            case (byte)'E':
                throw WalConnection.Error(body);
            default:
                return false;
        }
    }

    void Receive(ulong lsn)
    {
        Volatile.Write(ref _received, lsn);
        if (lsn >= Volatile.Read(ref _awaited)) Volatile.Read(ref _reached).TrySetResult();
    }

    /// <summary>Ends when the server has sent up to <paramref name="lsn"/>; asks it to say how far it is, as an idle one says nothing by itself.</summary>
    public async Task<Task> ReachAsync(ulong lsn, CancellationToken stop)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _awaited, ulong.MaxValue);
        Volatile.Write(ref _reached, reached);
        Volatile.Write(ref _awaited, lsn);
        if (Received >= lsn) reached.TrySetResult();
        else await SendStatusAsync(stop);
        return reached.Task;
    }

    /// <summary>Tells the server that everything before <paramref name="lsn"/> is durable here; it goes out with the next status.</summary>
    public void Confirm(ulong lsn)
    {
        if (lsn > _confirmed) Volatile.Write(ref _confirmed, lsn);
    }

    // Each status asks for an answer: a server that has gone away without a word is noticed by its silence.
    async Task AnswerAsync(CancellationToken stop)
    {
        try
        {
            using var timer = new PeriodicTimer(StatusInterval, _clock);
            do
            {
                if (_pending is { IsCompleted: false } && _clock.GetElapsedTime(Volatile.Read(ref _heardAt)) > SilenceLimit)
                    throw new IOException($"The server has not been heard for {SilenceLimit.TotalSeconds:0} s");
                await SendStatusAsync(stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            await _ended.CancelAsync();     // wakes the reader, which throws what happened here
            throw;
        }
    }

    async Task SendStatusAsync(CancellationToken stop)
    {
        await _sending.WaitAsync(stop);
        try
        {
            var confirmed = Volatile.Read(ref _confirmed);
            _status[0] = (byte)'r';
            BinaryPrimitives.WriteUInt64BigEndian(_status.AsSpan(1), Math.Max(confirmed, Received));
            BinaryPrimitives.WriteUInt64BigEndian(_status.AsSpan(9), confirmed);
            BinaryPrimitives.WriteUInt64BigEndian(_status.AsSpan(17), confirmed);
            BinaryPrimitives.WriteInt64BigEndian(_status.AsSpan(25), (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10 - PgTime.EpochMicros);
            _status[33] = 1;
            await _connection.SendAsync((byte)'d', _status, stop);
        }
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_pending is not null) await ((Task)_pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _connection.DisposeAsync();
        _sending.Dispose();
        _ended.Dispose();
    }
}
