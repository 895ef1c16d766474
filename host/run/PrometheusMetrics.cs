using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace CdcSync.Host.Run;

/// <summary>Collects what the stages' meters (<c>CdcSync.*</c>) measure and writes it in Prometheus' text format.</summary>
public sealed class PrometheusMetrics : IDisposable
{
    static readonly double[] Buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    readonly MeterListener _listener = new();
    readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);

    public PrometheusMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("CdcSync", StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The page.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var page = new StringBuilder();
        foreach (var family in _series.Values.OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Labels, StringComparer.Ordinal).GroupBy(s => s.Name))
        {
            var first = family.First();
            if (first.Help.Length > 0) page.Append("# HELP ").Append(family.Key).Append(' ').Append(first.Help.Replace("\n", " ", StringComparison.Ordinal)).Append('\n');
            page.Append("# TYPE ").Append(family.Key).Append(' ').Append(first.Type).Append('\n');
            foreach (var series in family) series.Write(page);
        }
        return page.ToString();
    }

    public void Dispose() => _listener.Dispose();

    void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Labels(tags);
        var series = _series.GetOrAdd($"{instrument.Name}|{labels}", static (_, state) => new Series(state.instrument, state.labels), (instrument, labels));
        series.Record(value);
    }

    static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty) return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(Name(name)).Append("=\"").Append(Convert.ToString(value, CultureInfo.InvariantCulture)!
                .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }
        return text.ToString();
    }

    static string Name(string name) => string.Create(name.Length, name, static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
    });

    sealed class Series
    {
        readonly Lock _lock = new();
        readonly bool _adds;
        readonly long[]? _buckets;
        double _value;
        long _count;

        public Series(Instrument instrument, string labels)
        {
            Name = PrometheusMetrics.Name(instrument.Name);
            Help = instrument.Description ?? "";
            Labels = labels;
            var generic = instrument.GetType().GetGenericTypeDefinition();
            Type = generic == typeof(Histogram<>) ? "histogram" : generic == typeof(Counter<>) || generic == typeof(ObservableCounter<>) ? "counter" : "gauge";
            _adds = generic == typeof(Counter<>) || generic == typeof(UpDownCounter<>);
            if (Type == "histogram") _buckets = new long[Buckets.Length];
            if (Type == "counter" && !Name.EndsWith("_total", StringComparison.Ordinal)) Name += "_total";
        }

        public string Name { get; }
        public string Help { get; }
        public string Labels { get; }
        public string Type { get; }

        public void Record(double value)
        {
            lock (_lock)
            {
                if (_buckets is null)
                {
                    _value = _adds ? _value + value : value;
                    return;
                }
                _value += value;
                _count++;
                for (var i = 0; i < Buckets.Length; i++)
                    if (value <= Buckets[i]) _buckets[i]++;
            }
        }

        public void Write(StringBuilder page)
        {
            lock (_lock)
            {
                if (_buckets is null)
                {
                    Line(page, "", "", _value);
                    return;
                }
                for (var i = 0; i < Buckets.Length; i++) Line(page, "_bucket", $"le=\"{Buckets[i].ToString(CultureInfo.InvariantCulture)}\"", _buckets[i]);
                Line(page, "_bucket", "le=\"+Inf\"", _count);
                Line(page, "_sum", "", _value);
                Line(page, "_count", "", _count);
            }
        }

        void Line(StringBuilder page, string suffix, string label, double value)
        {
            page.Append(Name).Append(suffix);
            var labels = Labels.Length > 0 && label.Length > 0 ? $"{Labels},{label}" : Labels + label;
            if (labels.Length > 0) page.Append('{').Append(labels).Append('}');
            page.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        }
    }
}
