using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace CdcSync.Servers.Tds;

/// <summary>One client: pre-login, login, then request by request. While an answer is made the session listens for an attention.</summary>
sealed class TdsSession(TdsServer server, Socket socket, int number) : IAsyncDisposable
{
    const int PacketSize = 4096;
    Stream _stream = new NetworkStream(socket, ownsSocket: true);
    readonly TdsTokens _tokens = new();
    string _database = "master", _user = "";
    Task<(byte Type, bool Reset, byte[] Data)>? _next;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            if (!await LoginAsync(stop)) return;
            while (true)
            {
                var (type, reset, data) = await (_next ?? ReadAsync(stop));
                _next = null;
                if (type == 0x06)
                {
                    // The answer was complete before the attention came: it is acknowledged all the same.
                    _tokens.Done(0xfd, 0x20);
                    await SendAsync(last: true, stop);
                    continue;
                }
                if (reset)
                {
                    server.Answers.Closed(number);
                    _tokens.EnvChange(18, t => t.Byte(0).Byte(0));
                }
                await AnswerAsync(type, data, stop);
            }
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException)
        {
            // The client went away, or the server was told to drop it.
        }
        finally
        {
            server.Answers.Closed(number);
            await DisposeAsync();
        }
    }

    public void Drop() => socket.Dispose();

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    async Task<bool> LoginAsync(CancellationToken stop)
    {
        await ReadAsync(stop);
        var encryption = server.Certificate is null ? 2 : 3;      // not supported, or required
        await WriteAsync([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0x10, 0x03, 0, 0, (byte)encryption], last: true, stop);
        if (server.Certificate is { } certificate)
        {
            var handshake = new TdsHandshakeStream(_stream);
            var secure = new SslStream(handshake, leaveInnerStreamOpen: false);
            await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls12 }, stop);
            handshake.IsOver = true;
            _stream = secure;
        }
        var (_, _, data) = await ReadAsync(stop);
        var login = TdsRequestReader.Login(data, server.Certificate is not null);
        try
        {
            server.Answers.Login(login);
        }
        catch (TdsErrorException refused)
        {
            _tokens.Error(refused.Number, refused.Level, refused.Message);
            _tokens.Done(0xfd, 0x02);
            await SendAsync(last: true, stop);
            return false;
        }
        _user = login.User;
        if (login.Database.Length > 0) _database = login.Database;
        _tokens.LoginAck(_database, PacketSize);
        _tokens.Done(0xfd, 0);
        await SendAsync(last: true, stop);
        return true;
    }

    async Task AnswerAsync(byte type, byte[] data, CancellationToken stop)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _next = ReadAsync(stop);
        var isCall = type == 0x03;
        try
        {
            var request = Parse(type, data);
            var answering = server.Answers.AnswerAsync(request, cancelled.Token);
            if (await Task.WhenAny(answering, _next) == _next && (await _next).Type == 0x06)
            {
                await cancelled.CancelAsync();
                await ((Task)answering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw new OperationCanceledException();
            }
            var results = await answering;
            for (var i = 0; i < results.Count; i++) await ResultAsync(results[i], isCall ? 0xff : 0xfd, isCall || i < results.Count - 1, stop);
            if (isCall || results.Count == 0) Finish(isCall);
        }
        catch (TdsErrorException error)
        {
            _tokens.Error(error.Number, error.Level, error.Message);
            if (isCall) _tokens.Byte(0x79).Int(error.Number);
            _tokens.Done(isCall ? 0xfe : 0xfd, 0x02);
        }
        catch (OperationCanceledException) when (_next is { IsCompleted: true } && !stop.IsCancellationRequested)
        {
            _next = null;
            _tokens.Done(0xfd, 0x20);
        }
        await SendAsync(last: true, stop);
    }

    TdsRequest Parse(byte type, byte[] data)
    {
        var reader = new TdsRequestReader(data);
        if (type == 0x01) return new TdsRequest(reader.Batch(), new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase), _database, number, _user);
        if (type != 0x03) throw new TdsErrorException(4002, $"The server does not know packets of type 0x{type:X2}.");
        var (text, parameters) = reader.Call();
        return new TdsRequest(text, parameters, _database, number, _user);
    }

    async Task ResultAsync(TdsResult result, int token, bool more, CancellationToken stop)
    {
        _tokens.Columns(result.Columns);
        var count = 0L;
        foreach (var row in result.Rows)
        {
            _tokens.Row(result.Columns, row);
            if (server.DropAfterRows is { } after && server.CountRow() >= after)
            {
                await SendAsync(last: false, stop);
                Drop();
                throw new IOException("Dropped, as the test wants");
            }
            count++;
            if (_tokens.Length < PacketSize * 4) continue;
            await SendAsync(last: false, stop);
            if (_next is { IsCompleted: true } && (await _next).Type == 0x06) throw new OperationCanceledException();
        }
        _tokens.Done(token, more ? 0x11 : 0x10, count);
    }

    void Finish(bool isCall)
    {
        if (isCall) _tokens.Byte(0x79).Int(0);
        _tokens.Done(isCall ? 0xfe : 0xfd, 0);
    }

    async Task SendAsync(bool last, CancellationToken stop) => await WriteAsync(_tokens.Take(), last, stop);

    async Task WriteAsync(byte[] data, bool last, CancellationToken stop)
    {
        const int most = PacketSize - 8;
        var packet = new byte[PacketSize];
        for (var at = 0; at < data.Length || at == 0; at += most)
        {
            var size = Math.Min(most, data.Length - at);
            packet[0] = 0x04;
            packet[1] = last && at + size >= data.Length ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(size + 8));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)number);
            data.AsSpan(at, size).CopyTo(packet.AsSpan(8));
            await _stream.WriteAsync(packet.AsMemory(0, size + 8), stop);
        }
        await _stream.FlushAsync(stop);
    }

    async Task<(byte Type, bool Reset, byte[] Data)> ReadAsync(CancellationToken stop)
    {
        var header = new byte[8];
        var whole = new MemoryStream();
        var reset = false;
        while (true)
        {
            await _stream.ReadExactlyAsync(header, stop);
            reset |= (header[1] & 0x18) != 0;
            var body = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)) - 8];
            await _stream.ReadExactlyAsync(body, stop);
            whole.Write(body);
            if ((header[1] & 1) != 0) return (header[0], reset, whole.ToArray());
        }
    }
}
