using System.Text.Json.Nodes;
using CdcSync.Contract.Canonical;
using CdcSync.Contract.Changes;
using CdcSync.Contract.Settings;
using CdcSync.Sinks.Http;

namespace CdcSync.Sinks.Tests.Http;

public class TemplateTests
{
    static readonly CanonicalKind Orders = CanonicalCatalog.Find("sales_order")!;

    static Func<string, System.Text.Json.JsonElement?> FieldsOf(CanonicalObject? value, string key = "a|b")
    {
        var parcel = new Parcel(Orders, new CanonicalKey("erp", "1"), key, new SourcePosition(1, 2), value) { TargetId = "T9" };
        return new Fields("shop", new HttpObject { Key = ["number", "location_id"], Upsert = new HttpCall { Path = "/" } }, parcel).Find;
    }

    [Fact]
    public void A_body_keeps_types_fills_text_and_repeats_lists()
    {
        var order = new SalesOrder { Number = "SO/1", Total = 1.50m, Lines = [new Line { LineId = "1" }, new Line { LineId = "2" }] };
        var template = JsonNode.Parse("""{"total": "{total}", "note": "order {number} of {currency}", "none": "{currency}", "fixed": 7, "lines": {"each": "{lines}", "item": {"id": "{line_id}", "of": "{number}"}}}""");
        var expected = """{"total":1.50,"note":"order SO/1 of ","none":null,"fixed":7,"lines":[{"id":"1","of":"SO/1"},{"id":"2","of":"SO/1"}]}""";
        Assert.Equal(expected, Template.Tree(template, FieldsOf(order))!.ToJsonString());
    }

    [Fact]
    public void A_path_is_escaped_and_never_half_empty()
    {
        Assert.Equal("/x/SO%2F1?v=1%3A2&i=T9", Template.Path("/x/{number}?v={version}&i={target_id}", FieldsOf(new SalesOrder { Number = "SO/1" })));
        Assert.Throws<FormatException>(() => Template.Path("/x/{currency}", FieldsOf(new SalesOrder())));
    }

    [Fact]
    public void A_delete_knows_the_fields_of_its_key() =>
        Assert.Equal("/x/a%7Cb/c", Template.Path("/x/{number}/{location_id}", FieldsOf(null, TargetKeys.Join(["a|b", "c"]))));

    [Fact]
    public void Keys_split_as_they_were_joined()
    {
        foreach (var parts in new[] { new[] { "a", "b" }, ["a|b", "\\"], ["", ""], ["\\|", "|\\"] }) Assert.Equal(parts, TargetKeys.Split(TargetKeys.Join(parts)));
    }

    [Fact]
    public void Secrets_and_addresses_stay_out_of_excerpts()
    {
        var excerpt = Redaction.Of("""{"token": "abc123", "for": "ann@example.com", "said": "hunter2"}""", ["hunter2"])!;
        Assert.All(new[] { "abc123", "ann@", "hunter2" }, secret => Assert.DoesNotContain(secret, excerpt, StringComparison.Ordinal));
    }

    [Fact]
    public void Wrong_settings_say_where_and_what_to_do()
    {
        var settings = ShopMapping.Of(new Uri("http://localhost"));
        settings.Validate();
        SettingsException Wrong(HttpObject value) => Assert.Throws<SettingsException>(() => (settings with { Objects = new Dictionary<string, HttpObject> { ["item"] = value } }).Validate());
        Assert.Contains("'{nmae}': item has no such field; did you mean 'name'?",
            Wrong(settings.Objects["item"] with { Upsert = new HttpCall { Path = "/{number}", Body = JsonNode.Parse("""{"a":[{"name":"{nmae}"}]}""") } }).Message, StringComparison.Ordinal);
        Assert.Contains("auth: { kind: basic", Assert.Throws<SettingsException>(() => (settings with { Url = new Uri("http://ann:pw@localhost") }).Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("no field 'sku'", Wrong(settings.Objects["item"] with { Key = ["sku"] }).Message, StringComparison.Ordinal);
        Assert.Equal("objects.item.look_up", Wrong(settings.Objects["item"] with { Repeatable = false }).Path);
        Assert.Contains("http, tables", Assert.Throws<SettingsException>(() => new TargetCatalog().Find("ftp")).Message, StringComparison.Ordinal);
    }
}
