using System.Text;
using System.Text.Json;

namespace CdcSync.Mdm.Offline;

/// <summary>JSON objects as records. An object inside is flattened (<c>address.city</c>); of a list each value becomes a column of its own (<c>phone</c>, <c>phone_2</c>).</summary>
static class JsonRecords
{
    const int MostOfAList = 9, MostColumns = 2000;

    public static RawTable Read(TextReader text, string file, List<string> notes, CancellationToken stop)
    {
        var bytes = Encoding.UTF8.GetBytes(text.ReadToEnd());
        var reading = new Reading(file, bytes);
        try
        {
            reading.All(stop);
        }
        catch (JsonException broken)
        {
            throw new RecordFileException(file, (int)(broken.LineNumber ?? 0) + 1, $"is no valid JSON: {broken.Message.Split(" LineNumber", 2)[0]}");
        }
        return reading.Table(notes);
    }

    sealed class Reading(string file, byte[] bytes)
    {
        readonly Dictionary<string, ColumnReading> _columns = new(StringComparer.Ordinal);
        readonly List<int> _lines = [];
        int _line = 1, _counted, _cut, _left;

        public void All(CancellationToken stop)
        {
            var json = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 64 });
            var inArray = false;
            while (json.Read())
            {
                if (_lines.Count % 4096 == 0) stop.ThrowIfCancellationRequested();
                if (json.TokenType == JsonTokenType.StartArray && !inArray) inArray = true;
                else if (json.TokenType == JsonTokenType.EndArray && inArray) inArray = false;
                else if (json.TokenType == JsonTokenType.StartObject) Record(ref json);
                else throw new RecordFileException(file, LineAt(json.TokenStartIndex), "expected objects: [{\"id\": 1, ...}, ...], or one object a line");
            }
        }

        public RawTable Table(List<string> notes)
        {
            if (_lines.Count == 0) throw new RecordFileException(file, 0, "holds no record");
            foreach (var column in _columns.Values) column.FillTo(_lines.Count);
            if (_cut > 0) notes.Add($"{file}: {_cut:N0} values have more than {RecordFile.LongestValue:N0} letters; read up to there");
            if (_left > 0) notes.Add($"{file}: {_left:N0} values stand in lists of more than {MostOfAList}; left out");
            return new RawTable(RecordFile.NameOf(file), [.. _columns.Keys], [.. _columns.Values.Select(c => c.Done())], [.. _lines], notes);
        }

        void Record(ref Utf8JsonReader json)
        {
            var line = LineAt(json.TokenStartIndex);
            Object(ref json, "");
            _lines.Add(line);
        }

        void Object(ref Utf8JsonReader json, string path)
        {
            while (json.Read() && json.TokenType != JsonTokenType.EndObject)
            {
                var name = json.GetString()!;
                json.Read();
                Value(ref json, path.Length == 0 ? name : $"{path}.{name}");
            }
        }

        void Value(ref Utf8JsonReader json, string path)
        {
            if (json.TokenType == JsonTokenType.StartObject)
            {
                Object(ref json, path);
                return;
            }
            if (json.TokenType == JsonTokenType.StartArray)
            {
                while (json.Read() && json.TokenType != JsonTokenType.EndArray) Value(ref json, path);
                return;
            }
            var text = json.TokenType switch
            {
                JsonTokenType.String => json.GetString()!.Trim(),
                JsonTokenType.Null => "",
                _ => Encoding.UTF8.GetString(json.ValueSpan),
            };
            if (text.Length > RecordFile.LongestValue)
            {
                text = text[..RecordFile.LongestValue];
                _cut++;
            }
            Add(path, text);
        }

        // The second value of a record for the same column is the list's second.
        void Add(string path, string text)
        {
            for (var nth = 1; nth <= MostOfAList; nth++)
            {
                var name = nth == 1 ? path : $"{path}_{nth}";
                if (!_columns.TryGetValue(name, out var column))
                {
                    if (_columns.Count == MostColumns) throw new RecordFileException(file, LineAt(0), $"has more than {MostColumns} different names: are these records?");
                    _columns[name] = column = new ColumnReading();
                }
                if (column.Rows > _lines.Count) continue;
                column.FillTo(_lines.Count);
                column.Add(text);
                return;
            }
            _left++;
        }

        int LineAt(long place)
        {
            if (place > _counted)
            {
                _line += bytes.AsSpan(_counted, (int)place - _counted).Count((byte)'\n');
                _counted = (int)place;
            }
            return _line;
        }
    }
}
