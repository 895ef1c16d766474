using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace CdcSync.Capture.Postgres;

/// <summary>The exchange between start-up and "ready": password, MD5 or SCRAM-SHA-256.</summary>
sealed class PostgresLogin(WalConnection connection, NpgsqlConnectionStringBuilder settings)
{
    string User => settings.Username ?? Environment.UserName;

    // As everywhere in PostgreSQL: the connection string, the environment, the password file.
    string Password => settings.Password ?? Environment.GetEnvironmentVariable("PGPASSWORD") ?? FromFile()
        ?? throw new SourceException($"The server asks for a password of {User}: set it in 'connection'");

    string? FromFile()
    {
        var path = settings.Passfile ?? Environment.GetEnvironmentVariable("PGPASSFILE") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pgpass");
        if (!File.Exists(path)) return null;
        string[] wanted = [settings.Host ?? "localhost", settings.Port.ToString(), settings.Database ?? User, User];
        foreach (var line in File.ReadLines(path))
            if (line.Split(':') is { Length: >= 5 } parts && wanted.Index().All(w => parts[w.Index] == "*" || parts[w.Index] == w.Item)) return string.Join(':', parts[4..]);
        return null;
    }

    public async Task RunAsync(CancellationToken stop)
    {
        Scram? scram = null;
        while (true)
        {
            await connection.TakeAsync(stop);
            if (connection.Kind == (byte)'Z') return;
            if (connection.Kind != (byte)'R') continue;     // parameters, cancel key, notices
            var body = connection.Body.ToArray();
            switch (BinaryPrimitives.ReadInt32BigEndian(body))
            {
                case 0:
                    break;
                case 3:
                    await connection.SendAsync((byte)'p', Encoding.UTF8.GetBytes(Password + '\0'), stop);
                    break;
                case 5:
                    await connection.SendAsync((byte)'p', Encoding.UTF8.GetBytes(Md5(body.AsSpan(4, 4)) + '\0'), stop);
                    break;
                case 10:
                    if (!Encoding.UTF8.GetString(body.AsSpan(4)).Split('\0').Contains("SCRAM-SHA-256")) throw new SourceException("The server offers no SCRAM-SHA-256");
                    scram = new Scram(Password);
                    await connection.SendAsync((byte)'p', scram.First(), stop);
                    break;
                case 11:
                    await connection.SendAsync((byte)'p', scram!.Final(Encoding.UTF8.GetString(body.AsSpan(4))), stop);
                    break;
                case 12:
                    scram!.Verify(Encoding.UTF8.GetString(body.AsSpan(4)));
                    break;
                case var other:
                    throw new SourceException($"The server asks for authentication method {other}; password, md5 and scram-sha-256 are supported. Change pg_hba.conf for this role");
            }
        }
    }

#pragma warning disable CA5351 // The protocol says MD5; the server chose it.
    string Md5(ReadOnlySpan<byte> salt)
    {
        var inner = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(Password + User)));
        return "md5" + Convert.ToHexStringLower(MD5.HashData([.. Encoding.UTF8.GetBytes(inner), .. salt]));
    }
#pragma warning restore CA5351

    // RFC 5802 without channel binding, as RFC 7677 names it.
    sealed class Scram(string password)
    {
        readonly string _nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(18));
        byte[] _serverSignature = [];

        string Bare => $"n=,r={_nonce}";

        public byte[] First()
        {
            var text = Encoding.UTF8.GetBytes("n,," + Bare);
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length);
            return [.. "SCRAM-SHA-256\0"u8, .. length, .. text];
        }

        public byte[] Final(string server)
        {
            var fields = server.Split(',').ToDictionary(f => f[0], f => f[2..]);
            if (!fields['r'].StartsWith(_nonce, StringComparison.Ordinal)) throw new SourceException("The server's SCRAM nonce is not ours: somebody stands between");
            var salted = Rfc2898DeriveBytes.Pbkdf2(password.Normalize(NormalizationForm.FormKC), Convert.FromBase64String(fields['s']), int.Parse(fields['i']), HashAlgorithmName.SHA256, 32);
            var key = HMACSHA256.HashData(salted, "Client Key"u8);
            var without = $"c=biws,r={fields['r']}";
            var message = Encoding.UTF8.GetBytes($"{Bare},{server},{without}");
            var proof = HMACSHA256.HashData(SHA256.HashData(key), message);
            for (var i = 0; i < proof.Length; i++) proof[i] ^= key[i];
            _serverSignature = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), message);
            return Encoding.UTF8.GetBytes($"{without},p={Convert.ToBase64String(proof)}");
        }

        public void Verify(string server)
        {
            if (!server.StartsWith("v=", StringComparison.Ordinal) || !CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(server[2..]), _serverSignature))
                throw new SourceException("The server does not know the password it asked for: somebody stands between");
        }
    }
}
