using System.Text.Encodings.Web;
using System.Text.Json;

namespace CdcSync.Capture.Postgres;

/// <summary>JSON strings as Debezium's writer makes them: only what must be escaped.</summary>
static class PgJson
{
    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
