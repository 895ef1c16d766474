using System.Net;
using System.Net.Sockets;

namespace CdcSync.Servers;

/// <summary>A wire to a server on this machine that can be cut: passes bytes until told not to. A server that is away refuses, and is asked again by the next connection.</summary>
public sealed class TcpCut : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly List<Socket> _sockets = [];
    readonly int _server;
    readonly Task _accepting;

    /// <summary>Listens on a port of its own for the server's.</summary>
    public TcpCut(int server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect instead.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cuts what is connected now; new connections are passed on again.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets) socket.Close(0);
            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                lock (_sockets) _sockets.AddRange([client, server]);
                passing.RemoveAll(p => p.IsCompleted);
                passing.Add(ConnectAsync(client, server));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(passing);
        }
    }

    async Task ConnectAsync(Socket client, Socket server)
    {
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _stop.Token);
            await Task.WhenAll(PassAsync(client, server), PassAsync(server, client));
        }
        catch (Exception away) when (away is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            client.Close(0);
        }
        lock (_sockets) _sockets.RemoveAll(s => s == client || s == server);
        client.Dispose();
        server.Dispose();
    }

    static async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[16384];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException)
        {
            from.Close(0);
            to.Close(0);
        }
    }
}
