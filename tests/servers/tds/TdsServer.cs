using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CdcSync.Servers.Tds;

/// <summary>A TDS 7.4 server on a local port: the wire is real, what it says comes from <see cref="ITdsAnswers"/>.</summary>
public sealed class TdsServer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentDictionary<int, TdsSession> _sessions = new();
    readonly Task _accepting;
    int _last;
    long _rows;

    /// <summary>Listens at once.</summary>
    public TdsServer(ITdsAnswers answers, bool encrypted = false)
    {
        Answers = answers;
        Certificate = encrypted ? SelfSigned() : null;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    internal ITdsAnswers Answers { get; }

    internal X509Certificate2? Certificate { get; }

    /// <summary>Drops the connection once this many more rows have been sent; null for never.</summary>
    public long? DropAfterRows { get; private set; }

    /// <summary>Sessions ever accepted.</summary>
    public int Accepted => _last;

    /// <summary>Sessions that are there.</summary>
    public int Open => _sessions.Count;

    /// <summary>A connection string for a database.</summary>
    public string Connection(string database) =>
        $"Server=tcp:127.0.0.1,{((IPEndPoint)_listener.LocalEndpoint).Port};Database={database};User ID=cdcsync;Password=secret;Encrypt={Certificate is not null};TrustServerCertificate=true;Connect Timeout=20";

    /// <summary>Drops all connections, as a failover or a network does.</summary>
    public void DropAll()
    {
        foreach (var session in _sessions.Values) session.Drop();
    }

    /// <summary>Drops the connection that sends the n-th row from now, once.</summary>
    public void DropAfter(long rows)
    {
        Interlocked.Exchange(ref _rows, 0);
        DropAfterRows = rows;
    }

    internal long CountRow()
    {
        var count = Interlocked.Increment(ref _rows);
        if (count == DropAfterRows) DropAfterRows = null;
        return count;
    }

    async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                running.RemoveAll(r => r.IsCompleted);
                running.Add(ServeAsync(socket, Interlocked.Increment(ref _last)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    async Task ServeAsync(Socket socket, int number)
    {
        await using var session = new TdsSession(this, socket, number);
        _sessions[number] = session;
        await session.RunAsync(_stop.Token);
        _sessions.TryRemove(number, out _);
    }

    static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        DropAll();
        await _accepting;
        _stop.Dispose();
        Certificate?.Dispose();
    }
}
