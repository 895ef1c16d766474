using System.CommandLine;
using System.Text.Json;
using CdcSync.Contract.Settings;
using CdcSync.Host.Cli;
using CdcSync.Host.Settings;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Suggest;

namespace CdcSync.Host.Tests;

public sealed class MdmMatchTests : IDisposable
{
    const string People = """
        id,first_name,surname,dob,city,email,cluster
        1,Robert,Allen,1971-06-24,London,robert@allen.net,a
        2,Rob,Allen,1971-06-24,London,robert@allen.net,a
        3,Mary,Stone,1980-02-03,Leeds,mary@stone.org,b
        4,Mary,Stone,1980-02-03,Leeds,,b
        5,Zoe,Quick,1991-12-30,York,zoe@quick.com,c
        6,Ian,Moss,1965-01-01,Bath,ian@moss.com,d
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("mdmmatch").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    static async Task<string> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var code = await CommandLine.Create().Parse(["mdm", .. arguments]).InvokeAsync(
            new InvocationConfiguration { Output = output, EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, code);
        return output.ToString();
    }

    [Fact]
    public async Task What_is_proposed_can_be_read_again_and_is_the_same()
    {
        foreach (var text in (string[])[People, "no,\"a \"\"b\"\" #c\",{x}: y,NAME1\n1,u,Ulm,Abel GmbH\n2,v,Bonn,Beck KG\n3,w,Köln,Cohn AG", "id;Straße;PLZ;Firma\n1;Weg 1;89073;Abel GmbH\n2;Ring 4;10115;Beck KG"])
        {
            var proposal = RuleSuggestion.Of([RecordFile.Parse("f.csv", text, TestContext.Current.CancellationToken)]);
            var file = YamlFile.Parse("rules.yaml", RuleText.Of(proposal));
            var binder = new SettingsBinder(file);
            var read = binder.Bind<MatchRules>(file.Root, "");
            binder.ThrowIfWrong();
            Assert.Equal(JsonSerializer.Serialize(proposal.Rules), JsonSerializer.Serialize(read));
        }
        var people = Write("people.csv", People);
        var rules = Path.Combine(_folder, "rules.yaml");
        Assert.Equal("", await RunAsync("suggest", people, "--out", rules));
        Assert.Equal(await File.ReadAllTextAsync(rules, TestContext.Current.CancellationToken), await RunAsync("suggest", people));
        using var answer = JsonDocument.Parse(await RunAsync("match", people, "--rules", rules, "--json"));
        Assert.Equal(6, answer.RootElement.GetProperty("records").GetInt32());
    }

    [Fact]
    public async Task A_matching_with_its_truth_answers_in_figures_clusters_and_a_report()
    {
        var (clusters, report) = (Path.Combine(_folder, "clusters.csv"), Path.Combine(_folder, "report.html"));
        var line = await RunAsync("match", Write("people.csv", People), "--truth", "cluster", "--json", "--out", clusters, "--report", report);
        using var answer = JsonDocument.Parse(line);
        Assert.Equal(["precision", "recall", "f1", "bcubedPrecision", "bcubedRecall", "autoPrecision", "queue", "blockingRecall", "seconds", "residentMiB"],
            answer.RootElement.EnumerateObject().Select(p => p.Name).Take(10));
        Assert.Equal(1, answer.RootElement.GetProperty("blockingRecall").GetDouble());
        var estimated = answer.RootElement.GetProperty("blockingRecallEstimate");
        Assert.Contains("too few to tell from", estimated.GetProperty("why").GetString(), StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(clusters, TestContext.Current.CancellationToken);
        Assert.Equal("id,source,cluster", lines[0]);
        Assert.Equal(["1", "2", "3", "4", "5", "6"], lines.Skip(1).Select(l => l.Split(',')[0]));
        var page = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        Assert.Contains("<h2>Weights</h2>", page);
        Assert.DoesNotContain("http", page.Replace("http-equiv", ""));
    }

    [Fact]
    public async Task Without_a_truth_it_is_estimated_what_the_keys_miss_and_told_what_each_brings()
    {
        var rows = Enumerable.Range(0, 400).Select(i => (Who: i / 2, i)).Select(r => $"{r.i},{(r.i % 20 == 1 ? "Xaver" : "Given" + (r.Who % 7))},Surname{r.Who},{1940 + (r.Who % 60)}-0{1 + (r.Who % 9)}-1{r.Who % 8},{(r.i % 12 == 3 ? "" : $"p{r.Who}@mail.org")}");
        var people = Write("many.csv", "id,first_name,surname,dob,email\n" + string.Join('\n', rows));
        using var answer = JsonDocument.Parse(await RunAsync("match", people, "--json"));
        var estimated = answer.RootElement.GetProperty("blockingRecallEstimate");
        Assert.InRange(estimated.GetProperty("share").GetDouble(), 0.9, 1);
        Assert.InRange(estimated.GetProperty("pairs").GetDouble(), 150, 250);
        Assert.Equal(JsonValueKind.Null, answer.RootElement.GetProperty("blockingRecall").ValueKind);
        Assert.Contains("blocking recall, estimated: ", await RunAsync("match", people));
        Assert.Contains("cdcsync mdm match` estimates it", await RunAsync("estimate", people));
    }

    [Fact]
    public async Task Values_in_a_report_are_text_and_no_markup()
    {
        var report = Path.Combine(_folder, "report.html");
        await RunAsync("match", Write("<b>.csv", People.Replace("Stone", "<script>x</script>")), "--report", report);
        Assert.DoesNotContain("<script>", await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("--truth", "clusterr", "--truth: 'clusterr' is no column and no file; did you mean 'cluster'?")]
    [InlineData("--link-only", null, "--link-only: links files, and there is one")]
    public async Task Wrong_options_say_what_is_wrong(string option, string? value, string message)
    {
        string[] arguments = ["match", Write("people.csv", People), option, .. value is null ? (string[])[] : [value]];
        Assert.StartsWith(message, (await Assert.ThrowsAsync<SettingsException>(() => RunAsync(arguments))).Message);
    }

    [Theory]
    [InlineData("object: customer\nfields: { name: { kind: company_nam, from: surname } }\nblocking: [name]", "there is no kind of field 'company_nam'")]
    [InlineData("object: customer\nfields: { name: { kind: surname, from: surname } }\nblocking: [nam]", "there is no field 'nam'")]
    [InlineData("object: customer\nfields: { name: { kind: surname, fron: surname } }\nblocking: [name]", "unknown setting; did you mean 'from'?")]
    public async Task Wrong_rules_say_where(string rules, string message)
    {
        string[] arguments = ["match", Write("people.csv", People), "--rules", Write("rules.yaml", rules)];
        Assert.Contains(message, (await Assert.ThrowsAsync<InvalidSettingsException>(() => RunAsync(arguments))).Message);
    }

    [Fact]
    public async Task A_rule_that_names_an_absent_column_says_so()
    {
        string[] arguments = ["match", Write("people.csv", People), "--rules", Write("rules.yaml", "object: customer\nfields: { name: { kind: surname, from: surnam } }\nblocking: [name]")];
        Assert.Contains("no file has a column 'surnam'", (await Assert.ThrowsAsync<SettingsException>(() => RunAsync(arguments))).Message);
    }

    [Fact]
    public async Task A_file_that_holds_no_records_says_so()
    {
        await Assert.ThrowsAsync<RecordFileException>(() => RunAsync("match", Write("empty.csv", "")));
        await Assert.ThrowsAsync<RecordFileException>(() => RunAsync("suggest", Path.Combine(_folder, "absent.csv")));
    }

    [Fact]
    public async Task Equal_names_by_the_thousand_cost_little()
    {
        var rows = Enumerable.Range(0, 5000).Select(i => $"{i},{(i == 0 ? "Andere AG,Bonn" : "Muster GmbH,Ulm")}");
        using var answer = JsonDocument.Parse(await RunAsync("match", Write("same.csv", "id,company,city\n" + string.Join('\n', rows)), "--json"));
        Assert.True(answer.RootElement.GetProperty("candidates").GetInt64() < 2_000_000);
    }
}
