using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcSync.Reconcile.Reporting;

/// <summary>Reports as JSON: snake_case names and words.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    Converters = [typeof(WordConverter<ReconcileOutcome>), typeof(WordConverter<DifferenceKind>), typeof(WordConverter<DifferenceCause>)])]
[JsonSerializable(typeof(ReconcileRun)), JsonSerializable(typeof(IReadOnlyList<FieldDifference>))]
public sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>The words of the report: <c>changed_at_target</c>.</summary>
    public static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower) where T : struct, Enum;
