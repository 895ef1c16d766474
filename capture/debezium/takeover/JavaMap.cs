using System.Buffers.Binary;
using System.Text;

namespace CdcSync.Capture.Debezium.Takeover;

/// <summary>
/// The file of Kafka Connect's <c>FileOffsetBackingStore</c>: a Java-serialised <c>HashMap</c> from <c>byte[]</c> to <c>byte[]</c>. Just that form is read: any other class,
/// length or reference is refused, nothing in it is run.
/// </summary>
ref struct JavaMap
{
    const int LargestFile = 64 << 20;
    const byte Null = 0x70, Reference = 0x71, ClassDescription = 0x72, Object = 0x73, Array = 0x75, BlockData = 0x77, EndBlock = 0x78;
    const int FirstHandle = 0x7E0000;
    ReadOnlySpan<byte> _rest;
    readonly List<byte[]?> _handles = [];

    JavaMap(ReadOnlySpan<byte> file) => _rest = file;

    /// <summary>The entries.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static List<(byte[] Key, byte[]? Value)> Read(ReadOnlySpan<byte> file)
    {
        if (file.Length > LargestFile) throw new FormatException($"it has {file.Length} bytes, more than an offsets file can");
        return new JavaMap(file).Entries();
    }

    List<(byte[], byte[]?)> Entries()
    {
        Expect([0xAC, 0xED, 0x00, 0x05, Object], "no Java-serialised object");
        Class("java.util.HashMap");
        Take(4);    // load factor
        Take(4);    // threshold
        Expect([BlockData, 8], "no map's block of sizes");
        Take(4);    // capacity
        var count = BinaryPrimitives.ReadInt32BigEndian(Take(4));
        if (count < 0 || count > _rest.Length) throw Wrong($"a map of {count} entries cannot be in it");
        var entries = new List<(byte[], byte[]?)>(count);
        for (; count > 0; count--) entries.Add((Bytes() ?? throw Wrong("an entry has no key"), Bytes()));
        Expect([EndBlock], "more than a map");
        if (_rest.Length > 0) throw Wrong("something follows the map");
        return entries;
    }

    byte[]? Bytes()
    {
        switch (Take(1)[0])
        {
            case Null:
                return null;
            case Reference:
                return Handle() ?? throw Wrong("a reference to something that is no byte[]");
            case Array:
                Class("[B");
                var length = BinaryPrimitives.ReadInt32BigEndian(Take(4));
                if (length < 0 || length > _rest.Length) throw Wrong($"a byte[] of {length} bytes does not end");
                var bytes = Take(length).ToArray();
                _handles[^1] = bytes;
                return bytes;
            default:
                throw Wrong("an entry is no byte[]");
        }
    }

    byte[]? Handle()
    {
        var handle = BinaryPrimitives.ReadInt32BigEndian(Take(4)) - FirstHandle;
        return handle >= 0 && handle < _handles.Count ? _handles[handle] : throw Wrong("a reference to nothing");
    }

    // A class's description, or a reference to one before it; then the handle of the object itself.
    void Class(string name)
    {
        switch (Take(1)[0])
        {
            case ClassDescription:
                var found = Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadUInt16BigEndian(Take(2))));
                if (found != name) throw Wrong($"a {found} where {name} was expected");
                Take(8);    // serialVersionUID
                Take(1);    // flags
                for (var fields = BinaryPrimitives.ReadUInt16BigEndian(Take(2)); fields > 0; fields--)
                {
                    if (Take(1)[0] is not ((byte)'F' or (byte)'I')) throw Wrong("a class with fields of its own");
                    Take(BinaryPrimitives.ReadUInt16BigEndian(Take(2)));
                }
                Expect([EndBlock, Null], "a class with annotations or a parent");
                _handles.Add(null);
                break;
            case Reference:
                if (Handle() is not null) throw Wrong("a class that is none");
                break;
            default:
                throw Wrong("an object without a class");
        }
        _handles.Add(null);
    }

    void Expect(ReadOnlySpan<byte> bytes, string otherwise)
    {
        if (!Take(bytes.Length).SequenceEqual(bytes)) throw Wrong(otherwise);
    }

    ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count) throw Wrong("it ends too early");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    static FormatException Wrong(string why) => new($"no offsets file of Kafka Connect: {why}");
}
