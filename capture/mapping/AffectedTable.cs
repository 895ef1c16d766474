using System.Text.RegularExpressions;
using CdcSync.Contract.Changes;

namespace CdcSync.Capture.Mapping;

/// <summary>How a changed row of one table leads to objects.</summary>
/// <param name="Table"><c>schema.table</c>.</param>
/// <param name="Columns">The columns that hold the key, in key order; with <paramref name="Select"/> its parameters, <c>ids</c> being the primary key.</param>
/// <param name="Select">Finds the keys; null when the columns are the key.</param>
sealed partial record AffectedTable(string Table, IReadOnlyList<string> Columns, string? Select)
{
    /// <summary>The distinct parameters of a select, in order of appearance.</summary>
    public static IReadOnlyList<string> ParametersOf(string select) => [.. Parameter().Matches(select).Select(m => m.Groups["name"].Value).Distinct(StringComparer.Ordinal)];

    /// <summary>The select with <c>$n</c> for its parameters.</summary>
    public string Numbered() => Parameter().Replace(Select!, m => $"${Columns.ToList().IndexOf(m.Groups["name"].Value) + 1}");

    /// <summary>The ordinals of the columns in the table as it was at the change.</summary>
    /// <exception cref="MappingException">A column is not there.</exception>
    public int[] Ordinals(Table table, string mapping)
    {
        var ordinals = new int[Columns.Count];
        for (var i = 0; i < ordinals.Length; i++)
        {
            if (Select is not null && Columns[i] == "ids")
            {
                if (table.Key.Count != 1)
                    throw new MappingException(mapping, $"affected_by.{table.Name}: '@ids' stands for a primary key of one column, and {table.FullName} has {table.Key.Count}; use '@column' instead");
                ordinals[i] = table.Key[0];
            }
            else if ((ordinals[i] = table.Find(Columns[i])) < 0)
            {
                throw new MappingException(mapping, $"affected_by: table {table.FullName} has no column '{Columns[i]}' any more: change the mapping, or bring the column back");
            }
        }
        return ordinals;
    }

    [GeneratedRegex(@"(?<![@\w])@(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}

/// <summary>A mapping cannot go on: its SQL or a column is wrong. Nothing is lost: mended, it reads all its objects again.</summary>
public sealed class MappingException(string mapping, string message, Exception? inner = null) : Exception($"Mapping {mapping}: {message}", inner);
