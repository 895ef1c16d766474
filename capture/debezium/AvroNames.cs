namespace CdcSync.Capture.Debezium;

/// <summary>Names as topics and Avro allow them.</summary>
static class AvroNames
{
    /// <summary>A topic name: everything else is an underscore.</summary>
    public static string Topic(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_'));

    /// <summary>A field's name, or one part of a record's (Debezium's adjustment "avro").</summary>
    public static string Part(string name)
    {
        var adjusted = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return adjusted.Length > 0 && char.IsAsciiDigit(adjusted[0]) ? "_" + adjusted : adjusted;
    }

    /// <summary>A namespace: each part adjusted.</summary>
    public static string Namespace(string topic) => string.Join('.', topic.Split('.').Select(Part));
}
