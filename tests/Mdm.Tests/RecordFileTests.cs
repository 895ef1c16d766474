using System.Text;
using CdcSync.Contract.Settings;
using CdcSync.Mdm.Offline;

namespace CdcSync.Mdm.Tests;

public sealed class RecordFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("recordfile").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static RawTable Parse(string text) => RecordFile.Parse("f.csv", text, TestContext.Current.CancellationToken);

    RawTable Read(byte[] bytes)
    {
        var path = Path.Combine(_folder, "f.csv");
        File.WriteAllBytes(path, bytes);
        return RecordFile.Read(path, TestContext.Current.CancellationToken);
    }

    static string Wrong(string text) => Assert.Throws<RecordFileException>(() => Parse(text)).Message;

    static string Shown(RawTable table) => string.Join('/', Enumerable.Range(0, table.Rows).Select(r => string.Join('|', table.Data.Select(c => c.At(r) ?? "-"))));

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n", "1|2/3|4")]
    [InlineData("a;b\r\n1;2,5\r\n", "1|2,5")]
    [InlineData("a\tb\n1\t2\n\t4", "1|2/-|4")]
    [InlineData("a|b\n1|2", "1|2")]
    [InlineData("sep=;\na;b\n1;2", "1|2")]
    [InlineData("a\rb\r1", "b/1")]
    [InlineData("a, b\nrec-1, \"x, y\"\n", "rec-1|x, y")]
    [InlineData("a,b\n\"1\" , 2 \n", "1|2")]
    [InlineData("a,b\n\"12\"\" pipe\",2", "12\" pipe|2")]
    [InlineData("a,b\n\"12\" pipe\",2", "12\" pipe|2")]
    [InlineData("a,b\n\"12\" pipe, 3\" bend\",2", "12\" pipe, 3\" bend|2")]
    [InlineData("a,b\n5'6\" tall,2", "5'6\" tall|2")]
    [InlineData("a,b\n\"two\nlines\",2\n3,4", "two\nlines|2/3|4")]
    [InlineData("a,b\n\n1,2\n\n\n3,4\n\n", "1|2/3|4")]
    [InlineData("a,b\n1,2\na,b\n3,4", "1|2/3|4")]
    [InlineData("a,b\n1\n2,3", "1|-/2|3")]
    [InlineData("a,b\n1,2,\n", "1|2")]
    [InlineData("name\nx\ny", "x/y")]
    [InlineData("a,b\n\"\",\"\"\n1,", "1|-")]
    public void Delimited_text_as_people_and_programs_write_it(string text, string records) => Assert.Equal(records, Shown(Parse(text)));

    [Theory]
    [InlineData("""[{"id": 1, "n": "A"}, {"id": 2.5, "n": null, "x": true}]""", "id n x", "1|A|-/2.5|-|true")]
    [InlineData("{\"id\": \"1\"}\n{\"id\": \"2\", \"address\": {\"city\": \"Ulm\"}}\n", "id address.city", "1|-/2|Ulm")]
    [InlineData("""[{"phone": ["1", "2"]}, {"phone": []}, {"phone": "3"}]""", "phone phone_2", "1|2/-|-/3|-")]
    [InlineData("""[{"f": [{"name": "A"}, {"city": "B"}, {"name": "C"}]}]""", "f.name f.city f.name_2", "A|B|C")]
    public void Json_objects(string text, string columns, string records)
    {
        var table = Parse(text);
        Assert.Equal((columns, records), (string.Join(' ', table.Columns), Shown(table)));
    }

    [Theory]
    [InlineData("", "f.csv: is empty")]
    [InlineData(" \n \n", "f.csv: is empty")]
    [InlineData(",,\n,,\n", "f.csv: is empty")]
    [InlineData("id,name\n", "f.csv:1: has a header and no record")]
    [InlineData("a,b\n1,2\n\"open,3\n4,5\n", "f.csv:3: the quote here is never closed")]
    [InlineData("4711,Miller\n4712,Smith\n", "f.csv:1: has no header")]
    [InlineData("Miller,a@b.de\nSmith,c@d.de\n", "f.csv:1: has no header")]
    [InlineData("Smith,London,x\nMiller,London,x\nSmith,Paris,y\n", "f.csv:1: has no header: 3 cells")]
    [InlineData("a,b\n1,2,3\n4,5,6\n", "f.csv:2: has more cells than the header")]
    [InlineData("[{\"a\": 1}, {\"a\": ]", "f.csv:1: is no valid JSON")]
    [InlineData("{\"a\": 1}\n{\"a\": 1\n", "is no valid JSON")]
    [InlineData("[1, 2]", "f.csv:1: expected objects")]
    [InlineData("[]", "f.csv: holds no record")]
    public void What_is_no_record_file_says_why_and_where(string text, string message) => Assert.StartsWith(message, Wrong(text).Replace("f.csv:3: is no valid", "is no valid").Replace("f.csv:2: is no valid", "is no valid"));

    [Theory]
    [InlineData("a,b\n1,2\n1,2,3\n1,2\n1,2,4\n1,2", "f.csv:3: has more cells than the header, as 1 other lines")]
    [InlineData("a,b\n1,2\n1", "f.csv:3: has fewer cells than the header")]
    [InlineData("a,a\n1,2", "f.csv:1: names the column 'a' twice; the second is read as 'a_2'")]
    [InlineData("a,b\n1,2\na,b\n1,3", "f.csv: the header stands 1 times more")]
    public void Odd_lines_are_read_and_said(string text, string note) => Assert.StartsWith(note, Assert.Single(Parse(text).Notes));

    [Fact]
    public void Columns_without_a_name_get_one() => Assert.Equal(["column1", "name", "column3"], Parse(",name,\n0,x,y").Columns);

    [Fact]
    public void Encodings()
    {
        const string Text = "name,town\nMüller,Łódź\n";
        foreach (var encoding in (Encoding[])[new UTF8Encoding(true), new UTF8Encoding(false), Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32])
        {
            var table = Read([.. encoding.GetPreamble(), .. encoding.GetBytes(Text)]);
            Assert.Equal(("Müller|Łódź", 0), (Shown(table), table.Notes.Count));
            Assert.Equal("name", table.Columns[0]);
        }
        Assert.Equal("Müller|Łódź", Shown(Read(Encoding.Unicode.GetBytes(Text))));
        var old = Read([.. "name\nM"u8, 0xFC, .. "ller\n"u8]);
        Assert.Equal("Müller", Shown(old));
        Assert.Contains("read as Windows-1252", Assert.Single(old.Notes));
    }

    [Fact]
    public void A_letter_of_several_bytes_may_stand_across_two_reads()
    {
        var text = "name\n" + new string('x', (1 << 20) - 6) + "ü\n" + string.Concat(Enumerable.Repeat("é€𝄞\n", 300_000));
        Assert.DoesNotContain(Read(Encoding.UTF8.GetBytes(text)).Notes, n => n.Contains("1252", StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_texts_are_one_number_and_lines_are_kept()
    {
        var table = Parse("id,t\n1,\"a\nb\"\n2,\n3,x\n4,x\n");
        Assert.Equal([0, -1, 1, 1], table["t"].Codes);
        Assert.Equal([2, 4, 5, 6], table.Lines);
        Assert.Equal("f has no column 'tt'; did you mean 't'?", Assert.Throws<SettingsException>(() => table["tt"]).Message);
    }

    [Fact]
    public void Many_distinct_texts_keep_their_numbers()
    {
        var table = Parse("n\n" + string.Join('\n', Enumerable.Range(0, 200_000).Select(i => $"v{i % 70_000}")));
        Assert.Equal(70_000, table["n"].Values.Count);
        Assert.All(Enumerable.Range(0, table.Rows), r => Assert.Equal($"v{r % 70_000}", table["n"].At(r)));
    }

    [Fact]
    public void A_megabyte_in_a_cell_is_cut_and_said()
    {
        var table = Parse($"a,b\n{new string('x', 1 << 20)},1\n\"{new string('y', 1 << 20)}\",2\n");
        Assert.Equal([RecordFile.LongestValue, RecordFile.LongestValue], table["a"].Values.Select(v => v.Length));
        Assert.Contains("2 cells have more than 4,000 letters", Assert.Single(table.Notes));
        Assert.Contains("million characters", Wrong($"a,b\n\"{new string('y', 9 << 20)}\",2\n"));
        Assert.Contains("million characters", Wrong($"a,b\n{new string('y', 20 << 20)}"));
    }

    [Fact]
    public void A_file_that_is_not_there() => Assert.Contains("cannot be read", Assert.Throws<RecordFileException>(() => RecordFile.Read(Path.Combine(_folder, "no.csv"), TestContext.Current.CancellationToken)).Message);
}
