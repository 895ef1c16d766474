using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>
/// A connection in replication mode, spoken directly: a driver's message object and two awaits for each change cost five times what decoding it does.
/// Frames are parsed in the buffer they were received into.
/// </summary>
sealed class WalConnection : IAsyncDisposable
{
    const int SslRequest = 80877103, Version3 = 3 << 16, Largest = 1 << 30;
    readonly Stream _stream;
    byte[] _buffer = new byte[256 * 1024];
    int _start, _end;

    WalConnection(Stream stream) => _stream = stream;

    /// <summary>The kind of the frame last taken.</summary>
    public byte Kind { get; private set; }

    /// <summary>Its body; valid until the next one is taken.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyStart, _bodyLength);

    int _bodyStart, _bodyLength;

    public static async Task<WalConnection> OpenAsync(NpgsqlConnectionStringBuilder settings, string encoding, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (settings.Timeout > 0) limit.CancelAfter(TimeSpan.FromSeconds(settings.Timeout));
        Stream? stream = null;
        try
        {
            stream = await ConnectAsync(settings, limit.Token);
            stream = await SecureAsync(stream, settings, limit.Token);
            var connection = new WalConnection(stream);
            await connection.SendAsync(0, Startup(settings, encoding), limit.Token);
            await new PostgresLogin(connection, settings).RunAsync(limit.Token);
            return connection;
        }
        catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
        {
            if (stream is not null) await stream.DisposeAsync();
            throw new TimeoutException($"No connection to {settings.Host}:{settings.Port} within {settings.Timeout} s", late);
        }
        catch
        {
            if (stream is not null) await stream.DisposeAsync();
            throw;
        }
    }

    static async Task<Stream> ConnectAsync(NpgsqlConnectionStringBuilder settings, CancellationToken stop)
    {
        var host = settings.Host ?? "localhost";
        if (host.StartsWith('/'))
        {
            var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await local.ConnectAsync(new UnixDomainSocketEndPoint($"{host}/.s.PGSQL.{settings.Port}"), stop);
            return new NetworkStream(local, ownsSocket: true);
        }
        Exception? last = null;
        foreach (var each in host.Split(',', StringSplitOptions.TrimEntries))
        {
            var (name, port) = each.Split(':') is [var named, var given] && int.TryParse(given, out var number) ? (named, number) : (each, settings.Port);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                await socket.ConnectAsync(name, port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException refused)
            {
                socket.Dispose();
                last = refused;
            }
        }
        throw new IOException($"No connection to {host}:{settings.Port}: {last?.Message}", last);
    }

    static async Task<Stream> SecureAsync(Stream stream, NpgsqlConnectionStringBuilder settings, CancellationToken stop)
    {
        if (settings.SslMode is SslMode.Disable or SslMode.Allow || settings.Host?.StartsWith('/') == true) return stream;
        var request = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(request, 8);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), SslRequest);
        await stream.WriteAsync(request, stop);
        await stream.ReadExactlyAsync(request.AsMemory(0, 1), stop);
        if (request[0] != (byte)'S')
            return settings.SslMode == SslMode.Prefer ? stream : throw new SourceException($"The server {settings.Host} does not speak TLS, and SSL Mode={settings.SslMode} demands it");
        var secure = new SslStream(stream);
        var options = new SslClientAuthenticationOptions { TargetHost = settings.Host!.Split(',', ':')[0] };
#pragma warning disable CA5359 // What Require means in PostgreSQL: encrypted, not verified; VerifyCA and VerifyFull verify.
        if (settings.SslMode is SslMode.Prefer or SslMode.Require) options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        else if (settings.SslMode == SslMode.VerifyCA) options.RemoteCertificateValidationCallback = (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None;
        if (settings.RootCertificate is { Length: > 0 } root)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(root);
        }
        if (settings.SslCertificate is { Length: > 0 } certificate)
            options.ClientCertificates = [settings.SslKey is { Length: > 0 } key ? X509Certificate2.CreateFromPemFile(certificate, key) : X509CertificateLoader.LoadPkcs12FromFile(certificate, settings.SslPassword)];
        await secure.AuthenticateAsClientAsync(options, stop);
        return secure;
    }

    static byte[] Startup(NpgsqlConnectionStringBuilder settings, string encoding)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
            [
                ("user", settings.Username ?? Environment.UserName), ("database", settings.Database ?? settings.Username ?? "postgres"), ("replication", "database"),
                ("application_name", "cdcsync"), ("client_encoding", encoding), ("options", "-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3"),
            ])
            text.Append(name).Append('\0').Append(value).Append('\0');
        text.Append('\0');
        return [0, 3, 0, 0, .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    /// <summary>Sends one frame; kind 0 is the start-up frame, which has none.</summary>
    public async Task SendAsync(byte kind, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        var frame = new byte[(kind == 0 ? 4 : 5) + body.Length];
        if (kind != 0) frame[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(kind == 0 ? 0 : 1), 4 + body.Length);
        body.CopyTo(frame.AsMemory(frame.Length - body.Length));
        await _stream.WriteAsync(frame, stop);
        await _stream.FlushAsync(stop);
    }

    /// <summary>Takes the next frame if all of it has been received.</summary>
    public bool TryTake()
    {
        if (_end - _start < 5) return false;
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 1));
        if (length is < 4 or > Largest) throw new IOException($"A frame of {length} bytes: this is not PostgreSQL's protocol");
        if (_end - _start < length + 1) return false;
        Kind = _buffer[_start];
        (_bodyStart, _bodyLength) = (_start + 5, length - 4);
        _start += length + 1;
        return true;
    }

    /// <summary>Waits for more bytes.</summary>
    public async ValueTask ReceiveAsync(CancellationToken stop)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        else if (_end == 0 && _buffer.Length > 8 << 20) _buffer = new byte[256 * 1024];
        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), stop);
        if (read == 0) throw new IOException("The server closed the connection");
        _end += read;
    }

    /// <summary>Waits for the next frame; an error frame is thrown.</summary>
    public async ValueTask TakeAsync(CancellationToken stop)
    {
        while (!TryTake()) await ReceiveAsync(stop);
        if (Kind == (byte)'E') throw Error(Body);
    }

    /// <summary>An error frame as the driver would throw it.</summary>
    public static PostgresException Error(ReadOnlySpan<byte> body)
    {
        string message = "?", severity = "ERROR", state = "XX000";
        while (body.Length > 1)
        {
            var end = body.IndexOf((byte)0);
            var text = Encoding.UTF8.GetString(body[1..end]);
            if (body[0] == (byte)'M') message = text;
            else if (body[0] == (byte)'V') severity = text;
            else if (body[0] == (byte)'C') state = text;
            body = body[(end + 1)..];
        }
        return new PostgresException(message, severity, severity, state);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
