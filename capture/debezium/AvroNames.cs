using System.Globalization;
using System.Text;

namespace CdcSync.Capture.Debezium;

/// <summary>Names as topics and Avro allow them.</summary>
static class AvroNames
{
    /// <summary>A topic name: everything else is an underscore.</summary>
    public static string Topic(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_'));

    /// <summary>A field's name, or one part of a record's.</summary>
    public static string Part(string name)
    {
        var adjusted = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        return adjusted.Length > 0 && char.IsAsciiDigit(adjusted[0]) ? "_" + adjusted : adjusted;
    }

    /// <summary>A namespace: each part adjusted.</summary>
    public static string Namespace(string topic) => string.Join('.', topic.Split('.').Select(Part));
}

/// <summary>Names of schemas and fields under the settings. What is not fit for Avro by the settings is made so where Avro is written.</summary>
sealed class NameRules(RecordSettings settings)
{
    public string Schema(string name) => Adjust(settings.SchemaNames, name, dots: true);

    public string Field(string name) => Adjust(settings.FieldNames, name, dots: false);

    static string Adjust(NameMode mode, string name, bool dots)
    {
        if (mode == NameMode.None) return name;
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var valid = char.IsAsciiLetter(c) || (c == '_' && mode == NameMode.Avro) || (c == '.' && dots) || (char.IsAsciiDigit(c) && i > 0);
            if (valid) text.Append(c);
            else if (mode == NameMode.AvroUnicode) text.Append(CultureInfo.InvariantCulture, $"_u{(int)c:x4}");
            else if (char.IsAsciiDigit(c)) text.Append('_').Append(c);
            else text.Append('_');
        }
        return text.ToString();
    }
}
