using System.Text.Json.Nodes;
using CdcSync.Contract.Settings;
using CdcSync.Host.Settings;

namespace CdcSync.Host.Tests;

public class SettingsBinderTests
{
    public enum Speed { Slow, VeryFast }

    public sealed record Inner
    {
        public required string Name { get; init; }
        public IReadOnlyList<string> Keys { get; init; } = [];
        public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(1);

        public void Validate()
        {
            if (Wait < TimeSpan.Zero) throw new SettingsException("wait", "must not be negative");
            if (Name == "bad") throw new SettingsException("name", "'bad' is taken");
        }
    }

    public sealed record Outer
    {
        public required string Title { get; init; }
        public int Count { get; init; } = 7;
        public bool On { get; init; }
        public Speed Speed { get; init; }
        public IReadOnlyList<Inner> Parts { get; init; } = [];
        public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();
        public JsonNode? Body { get; init; }
    }

    static (Outer? Value, string Errors) Bind(string yaml)
    {
        var file = YamlFile.Parse("test.yaml", yaml);
        var binder = new SettingsBinder(file);
        return (binder.Bind<Outer>(file.Root, ""), string.Join('\n', binder.Errors));
    }

    [Fact]
    public void Every_kind_of_value_is_bound()
    {
        var (value, errors) = Bind("""
            title: a
            count: 12
            on: true
            speed: very_fast
            parts:
              - { name: x, keys: id, wait: 500ms }
              - { name: y, keys: [a, b] }
            names: { p: q }
            body: { price: 1.50, text: "1.50", list: [1, {a: null}] }
            """);
        Assert.Equal("", errors);
        Assert.NotNull(value);
        Assert.Equal((12, true, Speed.VeryFast), (value.Count, value.On, value.Speed));
        Assert.Equal(["id"], value.Parts[0].Keys);
        Assert.Equal(TimeSpan.FromMilliseconds(500), value.Parts[0].Wait);
        Assert.Equal(["a", "b"], value.Parts[1].Keys);
        Assert.Equal("q", value.Names["p"]);
        Assert.Equal("""{"price":1.50,"text":"1.50","list":[1,{"a":null}]}""", value.Body!.ToJsonString());
    }

    [Theory]
    [InlineData("titel: a", "test.yaml:1: titel: unknown setting; did you mean 'title'?")]
    [InlineData("count: 1", "test.yaml:1: title: is missing")]
    [InlineData("title: a\ncount: many", "test.yaml:2: count: 'many' is not a number")]
    [InlineData("title: a\nspeed: fast", "speed: 'fast' is not one of slow, very_fast")]
    [InlineData("title: a\nparts: { name: x }", "parts: expected a list, found settings by name")]
    [InlineData("title: [a]", "title: expected text, found a list")]
    [InlineData("title: a\nparts:\n  - name: bad", "test.yaml:3: parts[0].name: 'bad' is taken")]
    [InlineData("title: a\nparts:\n  - name: x\n    wait: soon", "test.yaml:4: parts[0].wait: 'soon' is not a duration such as")]
    [InlineData("title:", "test.yaml:1: title: is missing")]
    [InlineData("title: a\nnames: { ? [x] : y }", "test.yaml:2: names: a name must be text")]
    [InlineData("title: a\nbody: { ? [x] : y }", "test.yaml:2: body: a name must be text")]
    [InlineData("title: a\ncount: 99999999999", "test.yaml:2: count: '99999999999' is not a number")]
    [InlineData("title: a\ncount: 1.5", "test.yaml:2: count: '1.5' is not a number")]
    [InlineData("title: a\non: yes", "test.yaml:2: on: 'yes' is not true or false")]
    [InlineData("title: ${CDCSYNC_NOT_SET_ANYWHERE}", "title: the environment variable CDCSYNC_NOT_SET_ANYWHERE is not set")]
    [InlineData("title: ${file:/nowhere/at/all}", "title: the secret's file /nowhere/at/all cannot be read")]
    public void A_wrong_setting_is_told_with_line_and_cure(string yaml, string expected) => Assert.Contains(expected, Bind(yaml).Errors, StringComparison.Ordinal);

    [Fact]
    public void A_setting_without_a_value_keeps_its_default()
    {
        var (value, errors) = Bind("title: a\ncount:\nparts: ~\nnames:");
        Assert.Equal("", errors);
        Assert.Equal(7, value!.Count);
        Assert.Empty(value.Parts);
        Assert.Empty(value.Names);
    }

    [Fact]
    public void All_errors_are_told_at_once()
    {
        var errors = Bind("titel: a\ncount: x\non: 3").Errors.Split('\n');
        Assert.Equal(4, errors.Length);
    }

    [Theory]
    [InlineData("title: a\ntitle: b", "test.yaml:2")]
    [InlineData("title: a\nbody: &x { y: *x }", "test.yaml:2: *x: aliases are not taken; write the value again")]
    [InlineData("title: [", "test.yaml:")]
    [InlineData("- a", "expected one YAML document")]
    [InlineData("", "expected one YAML document")]
    public void What_is_no_settings_file_is_refused_with_its_line(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidSettingsException>(() => Bind(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void Secrets_come_from_environment_and_files()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "s3cret\n");
        Environment.SetEnvironmentVariable("CDCSYNC_TEST_VALUE", "v");
        Assert.Equal("v-s3cret-d", YamlFile.Resolve($"${{CDCSYNC_TEST_VALUE}}-${{file:{path}}}-${{CDCSYNC_UNSET:-d}}"));
        File.Delete(path);
    }
}
